import { spawn } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { namespacesMissing } from '../e2e/harness/network-namespace.ts'
import { CrowflyTurn } from '../interop/crowfly-turn.ts'
import { countsIn, uclient } from '../interop/uclient.ts'
import { NatLab } from './nat-lab.ts'

const missing = namespacesMissing()
if (missing) console.warn(`skipped: ${missing}`)

const own = '10.1.0.2'
const external = '203.0.113.101'

describe.skipIf(missing)('crowfly turn behind a NAT that maps one address to one', () => {
  let lab: NatLab | null = null
  let server: CrowflyTurn | null = null

  afterEach(async () => {
    await server?.close()
    server = null
    lab?.down()
    lab = null
  })

  /** Somebody outside sends to a peer outside, by way of the relay. */
  async function relayed(...flags: string[]): Promise<string> {
    const built = new NatLab('full', 'port')
    lab = built
    const namespace = built.open.name
    spawn('ip', ['netns', 'exec', namespace, 'turnutils_peer', '-L', built.serverAddress, '-p', '4000'])
    const options = { namespace: built.client('a'), hosts: [own] }
    server = await CrowflyTurn.start(['--user', 'u:p', '--peers', 'public', ...flags], options)
    const peer = ['-e', built.serverAddress, '-r', '4000']
    return uclient(['-v', '-c', ...peer, '-n', '5', '-p', String(server.port), external], namespace)
  }

  it('shows peers the address by which it is reached', async () => {
    const output = await relayed('--external-address', external, '--allow-peer', '203.0.113.0/24')
    expect(output).toMatch(new RegExp(`relay addr: ${external}:\\d+`))
    expect(server?.said).toContain(`of ${external}.`)
    expect(output).toContain('Total lost packets 0 (0.000000%)')
    expect(countsIn(output)).toEqual({ sent: 5, received: 5 })
  })

  it('shows them one that they can not reach when it is not told, and says so', async () => {
    const output = await relayed()
    expect(output).toMatch(new RegExp(`relay addr: ${own}:\\d+`))
    expect(server?.said).toContain('peers elsewhere cannot send to them')
  })
})
