import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Attack } from './attack.ts'
import { catalogue } from './catalogue.ts'
import type { Result } from './suite.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the suite came to: its exit code, and what it wrote for programs. */
interface Report {
  readonly code: number
  readonly results: readonly Result[]
}

/** Runs the suite as people do, with all its threads and its own network. */
async function attack(target: string, ...flags: string[]): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'crowfly-security-'))
  const json = join(folder, 'results.json')
  const args = ['tests/security/dist/main.js', '--short', '--targets', target, '--json', json, ...flags]
  try {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    const [code] = await once(child, 'exit')
    const found: Record<string, Result[]> = JSON.parse(readFileSync(json, 'utf8'))
    return { code, results: found[target] ?? [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

beforeAll(() => {
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', 'tests/security'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stdout)
})

interface Server {
  readonly target: string
  readonly isFor: (attack: Attack) => boolean
}

const servers: readonly Server[] = [
  { target: 'turn', isFor: ({ kinds, needs }) => needs === undefined && (kinds?.includes('public') ?? true) },
  { target: 'serve', isFor: ({ kinds, needs }) => needs === undefined && (kinds?.includes('rooms') ?? true) },
  { target: 'short-nonces', isFor: ({ needs }) => needs === 'nonceSeconds' },
]
const found = new Map<string, Result>()
let ofMute: Report

// All at once: an attack is waiting for the most part, for what must not come. From the mute server nothing comes.
beforeAll(async () => {
  const attackOne = async ({ target }: Server): Promise<void> => {
    for (const result of (await attack(target)).results) found.set(`${target}: ${result.attack}`, result)
  }
  const attackMute = async (): Promise<void> => {
    ofMute = await attack('mute', '--only', 'data without permission')
  }
  await Promise.all([...servers.map(attackOne), attackMute()])
}, 120_000)

describe.each(servers)('`crowfly $target`', ({ target, isFor }) => {
  const attacks = catalogue.filter((attack) => attack.isLong !== true && isFor(attack))

  it.for([...attacks.map(({ name }) => name), 'the honest client', 'the server’s memory'])(
    'stands: %s',
    (name, { skip }) => {
      const { verdict, seen } = found.get(`${target}: ${name}`) ?? { verdict: 'not tried', seen: '' }
      // What a machine without namespaces can not try. Elsewhere the suite fails what is skipped, or the target names it.
      if (verdict === 'skipped') skip(seen)
      expect(verdict, seen).toBe('holds')
    },
  )
})

// Each server has a network of its own, or else a port.
describe.concurrent('the suite itself', () => {
  it('fails a server that relays into its own machine', async () => {
    const { code, results } = await attack('careless-coturn', '--only', 'IPv4 ranges')
    const [found] = results.filter(({ attack }) => attack.includes('IPv4 ranges'))
    expect(found).toMatchObject({ verdict: 'fails', seen: expect.stringContaining('loopback 127.0.0.1') })
    expect(code).toBe(1)
  })

  it('fails a server that has one room for all', async () => {
    const { code, results } = await attack('one-room', '--only', 'another room')
    const [found] = results.filter(({ attack }) => attack.startsWith('another room'))
    expect(found).toMatchObject({ verdict: 'fails', seen: expect.stringContaining('data passed') })
    expect(code).toBe(1)
  })

  it('fails a server that has no allocation left to attack with', async () => {
    const { code, results } = await attack('full', '--only', 'second Allocate')
    const [found] = results.filter(({ attack }) => attack.includes('second Allocate'))
    expect(found).toMatchObject({ verdict: 'fails', seen: expect.stringContaining('no allocation') })
    expect(code).toBe(1)
  })

  it('fails a server that relays nothing at all', () => {
    const { code, results } = ofMute
    const [found] = results.filter(({ attack }) => attack.startsWith('data without'))
    const seen = expect.stringContaining('data did not pass with both permissions')
    expect(found).toMatchObject({ verdict: 'fails', seen })
    expect(code).toBe(1)
  })

  it('knows each attack by a name of its own', () => {
    const names = catalogue.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})
