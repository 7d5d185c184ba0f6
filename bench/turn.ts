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
    ...['--no-software-attribute', '--log-file=/dev/null', '--no-stdout-log'],
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

/** Bytes of the server's process for each of the allocations. */
async function weigh(command: ServerCommand): Promise<number> {
  const server = await ServerProcess.start(command)
  try {
    const first = await allocate(server, WARM_UP)
    await sleep(SETTLE_MS)
    const before = server.residentBytes
    const clients = await allocate(server, ALLOCATIONS)
    await sleep(SETTLE_MS)
    const bytes = (server.residentBytes - before) / ALLOCATIONS
    for (const client of [...first, ...clients]) client.close()
    return bytes
  } finally {
    await server.stop()
  }
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } })
const rounds = positiveOption('rounds', values.rounds)
leaveServerCore()

const commands = [crowfly, coturn]
const weights = new Map<string, number[]>(commands.map(({ name }) => [name, []]))
try {
  for (let round = 0; round < rounds; round++) {
    for (const command of commands) {
      console.error(`round ${round + 1} of ${rounds}: ${command.name}`)
      weights.get(command.name)?.push(await weigh(command))
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`Memory of a TURN allocation over UDP, ${describeMachine()}.`)
console.log(`Resident bytes of the process for each of ${ALLOCATIONS}, no peer permitted yet;`)
console.log(`median (least to most) of ${rounds} alternating runs.\n`)
const rows = [...weights].map(([name, bytes]) => [name, formatSummary(summarize(bytes))])
console.log(formatTable(['server', 'bytes/allocation'], rows))
saveResults('turn', Object.fromEntries(weights))
