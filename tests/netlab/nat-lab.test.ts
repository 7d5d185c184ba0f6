import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { NetworkNamespace, namespacesMissing } from '../e2e/harness/network-namespace.ts'
import { type Client, type NatKind, NatLab } from './nat-lab.ts'

const missing = namespacesMissing()
if (missing) console.warn(`skipped: ${missing}`)

const mirror = fileURLToPath(new URL('mirror.mjs', import.meta.url))

describe.skipIf(missing)('the NAT lab', () => {
  let lab: NatLab | null = null

  afterEach(() => {
    lab?.down()
    lab = null
  })

  /** Builds a lab with the mirror running in its public segment. */
  function build(a: NatKind, b: NatKind): NatLab {
    const built = new NatLab(a, b)
    lab = built
    spawn('ip', ['netns', 'exec', built.open.name, process.execPath, mirror, 'serve', built.serverAddress])
    return built
  }

  /** How two ports of the server see one socket of the client. */
  function seenFrom(built: NatLab, client: Client): string[] {
    return built.run(client, process.execPath, mirror, 'ask', built.serverAddress).trim().split(' ')
  }

  it('shows a client behind a port-restricted NAT to everybody at one public port', () => {
    const built = build('port', 'full')
    expect(new Set(seenFrom(built, 'a')).size).toBe(1)
    expect(seenFrom(built, 'a')[0]).toMatch(/^203\.0\.113\.101:/)
    expect(seenFrom(built, 'b')[0]).toMatch(/^203\.0\.113\.102:/)
  })

  it('shows a client behind a symmetric NAT at another port to each', () => {
    const built = build('sym', 'sym')
    expect(new Set(seenFrom(built, 'a')).size).toBe(2)
  })

  it('gives a client that moves another public address', () => {
    const built = build('port', 'port')
    built.roam()
    expect(seenFrom(built, 'a')[0]).toMatch(/^203\.0\.113\.103:/)
  })

  it('leaves nothing behind', () => {
    const namespace = new NetworkNamespace('gone')
    expect(namespace.isThere()).toBe(true)
    namespace.remove()
    expect(namespace.isThere()).toBe(false)
  })
})
