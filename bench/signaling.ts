import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { collectAndMeasure, type MemoryUsage } from './inspector.ts'
import { connectIdle, runVisits, type Visit } from './pair-load.ts'
import { describeMachine, formatTable, positiveOption, saveResults } from './report.ts'
import { freePort, leaveServerCore, ServerProcess } from './server-process.ts'
import {
  BARE_RELAY,
  PEERJS,
  PEERJS_OWN_ID,
  type SignalingServerKind,
  signalingServers,
} from './signaling-servers.ts'
import { formatSummary, ratios, type Summary, summarize } from './statistics.ts'

const WARM_UP_SECONDS = 2
const WARM_UP_CLIENTS = 200
const SETTLE_MS = 3000

/** One run of pairs, or of joins, on one server. */
interface VisitRun {
  perSecond: number
  cpuMicroseconds: number
  bytes: number
  utilization: number
}

/** What a connection costs on one server, in bytes. */
interface IdleRun {
  resident: number
  javaScript: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '128' },
    connections: { type: 'string', default: '10000' },
    'idle-rounds': { type: 'string', default: '3' },
  },
})
const rounds = positiveOption('rounds', values.rounds)
const seconds = positiveOption('seconds', values.seconds)
const concurrency = positiveOption('concurrency', values.concurrency)
const connections = positiveOption('connections', values.connections)
const idleRounds = positiveOption('idle-rounds', values['idle-rounds'])

type VisitRuns = Readonly<Record<Visit, Map<string, VisitRun[]>>>

async function measureVisits(): Promise<VisitRuns> {
  const runs: VisitRuns = { pair: new Map(), joins: new Map() }
  const started: { kind: SignalingServerKind; server: ServerProcess }[] = []
  try {
    for (const kind of signalingServers) {
      const server = await ServerProcess.start(kind.command)
      started.push({ kind, server })
      await runVisits(kind.protocol, server.port, 'pair', { concurrency, seconds: WARM_UP_SECONDS })
    }
    for (let round = 0; round < rounds; round++) {
      for (const visit of ['pair', 'joins'] as const) {
        for (const { kind, server } of started) {
          console.error(`${visit}, round ${round + 1} of ${rounds}: ${server.name}`)
          const before = server.cpuSeconds
          const done = await runVisits(kind.protocol, server.port, visit, { concurrency, seconds })
          const cpu = server.cpuSeconds - before
          const run: VisitRun = {
            perSecond: done.count / done.seconds,
            cpuMicroseconds: (cpu * 1e6) / done.count,
            bytes: done.bytes / done.count,
            utilization: (cpu * 100) / done.seconds,
          }
          runs[visit].set(server.name, [...(runs[visit].get(server.name) ?? []), run])
        }
      }
    }
  } finally {
    await Promise.all(started.map(({ server }) => server.stop()))
  }
  return runs
}

async function measureIdle({ command, protocol }: SignalingServerKind): Promise<IdleRun> {
  const inspectorPort = await freePort()
  const server = await ServerProcess.start(command, { NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}` })
  try {
    const measure = async (): Promise<MemoryUsage> => {
      await sleep(SETTLE_MS)
      await collectAndMeasure(inspectorPort)
      return collectAndMeasure(inspectorPort)
    }
    const warmUp = await connectIdle(protocol, server.port, WARM_UP_CLIENTS)
    await warmUp.close()
    const before = await measure()
    const idle = await connectIdle(protocol, server.port, connections)
    const after = await measure()
    await idle.close()
    const javaScript = after.heapUsed + after.external - before.heapUsed - before.external
    return { resident: (after.rss - before.rss) / connections, javaScript: javaScript / connections }
  } finally {
    await server.stop()
  }
}

async function measureAllIdle(): Promise<Map<string, IdleRun[]>> {
  const runs = new Map<string, IdleRun[]>()
  // A client's id makes no difference once it is connected.
  const kinds = signalingServers.filter((kind) => kind.command.name !== PEERJS_OWN_ID)
  for (let round = 0; round < idleRounds; round++) {
    for (const kind of kinds) {
      const { name } = kind.command
      console.error(`memory, round ${round + 1} of ${idleRounds}: ${name}`)
      runs.set(name, [...(runs.get(name) ?? []), await measureIdle(kind)])
    }
  }
  return runs
}

function column<Run>(
  runs: ReadonlyMap<string, readonly Run[]>,
  name: string,
  value: (run: Run) => number,
): number[] {
  return (runs.get(name) ?? []).map(value)
}

function reportPairs(runs: ReadonlyMap<string, readonly VisitRun[]>): void {
  const perSecond = (name: string): number[] => column(runs, name, (run) => run.perSecond)
  const rows = [...runs.keys()].map((name) => [
    name,
    formatSummary(summarize(perSecond(name))),
    formatSummary(ratios(perSecond(name), perSecond(PEERJS)), 2),
    formatSummary(ratios(perSecond(name), perSecond(PEERJS_OWN_ID)), 2),
    formatSummary(ratios(perSecond(name), perSecond(BARE_RELAY)), 2),
    formatSummary(summarize(column(runs, name, (run) => run.cpuMicroseconds))),
    formatSummary(summarize(column(runs, name, (run) => run.bytes))),
    formatSummary(summarize(column(runs, name, (run) => run.utilization))),
  ])
  console.log(`Signaling pairs over WebSocket, ${describeMachine()}.`)
  console.log(
    `A pair: two connects, joins, a 3 KB offer and answer, ten candidates, two closes; ${concurrency} at a time;`,
  )
  console.log(
    'Crowfly carries them as its members seal them: 8 KB each, candidates 1 KB; and keeps three tickets of each;',
  )
  console.log('server on one core, load on another;')
  console.log(`median (least to most) of ${rounds} alternating runs of ${seconds} s.\n`)
  const head = [
    'server',
    'pairs/s',
    'to new Peer()',
    'to new Peer(id)',
    'to bare ws',
    'server CPU µs/pair',
    'bytes/pair',
    'core used, %',
  ]
  console.log(formatTable(head, rows))
}

function reportJoins(runs: ReadonlyMap<string, readonly VisitRun[]>): void {
  // Two come and go at a time.
  const rows = [...runs.keys()].map((name) => [
    name,
    formatSummary(summarize(column(runs, name, (run) => run.cpuMicroseconds / 2))),
    formatSummary(summarize(column(runs, name, (run) => run.bytes / 2))),
  ])
  console.log(
    '\nA join: a connect, a join (of every second one the making of a room), a close; the same runs.\n',
  )
  console.log(formatTable(['server', 'server CPU µs/join', 'bytes/join'], rows))
}

function reportIdle(runs: ReadonlyMap<string, readonly IdleRun[]>): void {
  const difference = (name: string, value: (run: IdleRun) => number): Summary => {
    const bare = column(runs, BARE_RELAY, value)
    return summarize(column(runs, name, value).map((bytes, round) => bytes - (bare[round] ?? Number.NaN)))
  }
  const rows = [...runs.keys()].map((name) => [
    name,
    formatSummary(summarize(column(runs, name, (run) => run.resident))),
    formatSummary(difference(name, (run) => run.resident)),
    formatSummary(summarize(column(runs, name, (run) => run.javaScript))),
    formatSummary(difference(name, (run) => run.javaScript)),
  ])
  console.log(
    `\nBytes per idle connection, at ${connections} that wait for somebody (Crowfly: each in a room of its own),`,
  )
  console.log(`after a full collection; median (least to most) of ${idleRounds} alternating runs.\n`)
  const head = ['server', 'resident', 'above bare ws', 'heap and buffers', 'above bare ws']
  console.log(formatTable(head, rows))
}

leaveServerCore()
const visits = await measureVisits()
reportPairs(visits.pair)
reportJoins(visits.joins)
const idle = await measureAllIdle()
reportIdle(idle)
saveResults('signaling', {
  pairs: Object.fromEntries(visits.pair),
  joins: Object.fromEntries(visits.joins),
  idle: Object.fromEntries(idle),
})
