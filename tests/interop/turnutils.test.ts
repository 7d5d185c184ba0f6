import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrowflyServer } from '../e2e/harness/crowfly-server.ts'
import { freePort } from '../e2e/harness/free-port.ts'
import { CrowflyTurn } from './crowfly-turn.ts'
import { countsIn, uclient } from './uclient.ts'

const credentials = ['--user', 'u:p', '--realm', 'test', '--peers', 'public']

// UDP, TCP and TLS; ChannelData or Send and Data; to the generator's own allocations or to a peer; IPv4 or IPv6.
const transports = [
  ['UDP', []],
  ['TCP', ['-t']],
  ['TLS', ['-t', '-S']],
] as const
const methods = [
  ['channels', []],
  ['Send', ['-s']],
] as const
const families = [
  ['IPv4', '127.0.0.1', []],
  ['IPv6', '::1', ['-x']],
] as const
const cases = transports.flatMap(([transport, transportFlags]) =>
  methods.flatMap(([method, methodFlags]) =>
    families.flatMap(([family, host, familyFlags]) =>
      (['its own clients', 'a peer'] as const).map((whom) => ({
        title: `${transport}, ${method}, ${family}, to ${whom}`,
        isTls: transport === 'TLS',
        host,
        isOwn: whom === 'its own clients',
        flags: [...transportFlags, ...methodFlags, ...familyFlags],
      })),
    ),
  ),
)

describe('coturn’s load generator against crowfly turn', () => {
  let certified: CrowflyServer
  let server: CrowflyTurn
  let peer: ChildProcess
  let peerPort: number

  beforeAll(async () => {
    certified = await CrowflyServer.start()
    const allow = ['--allow-peer', '127.0.0.0/8', '--allow-peer', '::1']
    const certificate = join(certified.stateFolder, 'certificate.pem')
    server = await CrowflyTurn.start([...credentials, ...allow], { certificate })
    peerPort = await freePort()
    peer = spawn('turnutils_peer', ['-L', '127.0.0.1', '-L', '::1', '-p', String(peerPort)], {
      stdio: 'ignore',
    })
  })
  afterAll(async () => {
    peer.kill()
    await server.close()
    await certified.close()
  })

  it.concurrent.each(cases)('loses nothing by $title', async ({ isTls, host, isOwn, flags }) => {
    const port = isTls ? server.tlsPort : server.port
    const whom = isOwn ? ['-y'] : ['-e', host, '-r', String(peerPort)]
    const output = await uclient([...flags, ...whom, '-n', '20', '-p', String(port), host])
    expect(output).toContain('Total lost packets 0 (0.000000%)')
    const { sent, received } = countsIn(output)
    expect(sent).toBeGreaterThanOrEqual(20)
    expect(received).toBe(sent)
  })

  it('loses nothing when twenty clients speak at once', async () => {
    const load = ['-m', '20', '-n', '200', '-z', '5', '-l', '500']
    for (const flags of [[], ['-t']]) {
      const output = await uclient([...flags, '-y', ...load, '-p', String(server.port), '127.0.0.1'])
      expect(output).toContain('Total lost packets 0 (0.000000%)')
      expect(countsIn(output).received).toBe(4_000)
    }
  })

  it('gets nowhere with another password', async () => {
    const output = await uclient(['-w', 'q', '-y', '-p', String(server.port), '127.0.0.1'])
    expect(output).toMatch(/error 401|Cannot complete Allocation/i)
    expect(countsIn(output).received).toBe(-1)
  })
})

describe('coturn’s load generator against crowfly turn without --allow-peer', () => {
  let server: CrowflyTurn

  beforeAll(async () => {
    server = await CrowflyTurn.start(credentials)
  })
  afterAll(() => server.close())

  it('reaches no peer on loopback', async () => {
    const output = await uclient(['-s', '-c', '-e', '127.0.0.2', '-p', String(server.port), '127.0.0.1'])
    expect(output).toMatch(/error 403/)
    expect(countsIn(output).received).toBe(-1)
  })
})
