import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { AllocationClient, type AllocationCredential } from './clients/allocation-client.ts'
import { describeMachine, formatTable, positiveOption, saveResults } from './report.ts'
import { leaveServerCore, type ServerCommand, ServerProcess } from './server-process.ts'
import { formatSummary, summarize } from './statistics.ts'
import { answersBinding } from './stun-probe.ts'

const ALLOCATIONS = 10_000
/** Allocations that are asked for at a time. */
const AT_ONCE = 64
/** What a server has answered before it is weighed for the first time, so that its start is not counted. */
const WARM_UP = 500
const SETTLE_MS = 3_000

const credential: AllocationCredential = { username: 'bench', password: 'secret' }
const folder = mkdtempSync(join(tmpdir(), 'crowfly-bench-'))
const bin = join(import.meta.dirname, '..', '..', 'apps', 'server', 'bin', 'crowfly.mjs')

const crowfly: ServerCommand = {
  name: 'crowfly turn',
  command: process.execPath,
  args: (port) => [
    ...[bin, 'turn', '--listen', `127.0.0.1:${port}`, '--realm', 'bench', '--peers', 'public'],
    ...['--user', `${credential.username}:${credential.password}`],
    ...['--limit', 'maxAllocationsPerAddress=16384', '--limit', 'maxUnauthenticatedRepliesPerSecond=100000'],
  ],
  isReady: answersBinding,
}

const coturn: ServerCommand = {
  name: 'coturn',
  command: 'turnserver',
  args: (port) => [
    ...['-n', '--listening-ip=127.0.0.1', `--listening-port=${port}`, '--relay-ip=127.0.0.1'],
    ...['--lt-cred-mech', '--realm=bench', `--user=${credential.username}:${credential.password}`],
    ...['--min-port=20000', '--max-port=65535', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780'],
    ...['--no-software-attribute', '--log-file=/dev/null', '--no-stdout-log', '--allow-loopback-peers'],
    `--pidfile=${join(folder, 'turnserver.pid')}`,
  ],
  isReady: answersBinding,
}

async function allocate(server: ServerProcess, count: number): Promise<AllocationClient[]> {
  const clients: AllocationClient[] = []
  while (clients.length < count) {
    const asking = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () =>
      AllocationClient.allocate(server.port, credential),
    )
    clients.push(...(await Promise.all(asking)))
  }
  return clients
}

/** Gives each a permission and a channel, for the next one's relayed address. */
async function bind(clients: readonly AllocationClient[]): Promise<void> {
  for (let at = 0; at < clients.length; at += AT_ONCE) {
    const binding = clients.slice(at, at + AT_ONCE).map(async (client, i) => {
      const next = clients[(at + i + 1) % clients.length]
      if (next !== undefined) await client.bind(next.relayed)
    })
    await Promise.all(binding)
  }
}

/** Bytes of the server's process for each of the allocations, bare and with a permission and a channel. */
async function weigh(command: ServerCommand): Promise<{ bare: number; granted: number }> {
  const server = await ServerProcess.start(command)
  try {
    const first = await allocate(server, WARM_UP)
    await bind(first)
    await sleep(SETTLE_MS)
    const before = server.residentBytes
    const each = (): number => (server.residentBytes - before) / ALLOCATIONS
    const clients = await allocate(server, ALLOCATIONS)
    await sleep(SETTLE_MS)
    const bare = each()
    await bind(clients)
    await sleep(SETTLE_MS)
    const granted = each()
    for (const client of [...first, ...clients]) client.close()
    return { bare, granted }
  } finally {
    await server.stop()
  }
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } })
const rounds = positiveOption('rounds', values.rounds)
leaveServerCore()

const commands = [crowfly, coturn]
const weights = commands.map((command) => ({ command, bare: [] as number[], granted: [] as number[] }))
try {
  for (let round = 0; round < rounds; round++) {
    for (const { command, bare, granted } of weights) {
      console.error(`round ${round + 1} of ${rounds}: ${command.name}`)
      const weight = await weigh(command)
      bare.push(weight.bare)
      granted.push(weight.granted)
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`Memory of a TURN allocation over UDP, ${describeMachine()}.`)
console.log(
  `Resident bytes of the process for each of ${ALLOCATIONS}, without a permitted peer and with a permission`,
)
console.log(`and a channel for another client; median (least to most) of ${rounds} alternating runs.\n`)
const rows = weights.map(({ command, ...weight }) => [
  command.name,
  formatSummary(summarize(weight.bare)),
  formatSummary(summarize(weight.granted)),
])
console.log(formatTable(['server', 'bytes/allocation', 'with permission and channel'], rows))
saveResults('turn', Object.fromEntries(weights.map(({ command, ...weight }) => [command.name, weight])))
