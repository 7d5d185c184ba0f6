import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { crowflyCommand } from './crowfly-command.ts'
import { describeMachine, formatTable, positiveOption, saveResults } from './report.ts'
import { pinned, SERVER_CORE, type ServerCommand, ServerProcess } from './server-process.ts'
import { formatSummary, ratios, summarize } from './statistics.ts'
import { answersBinding } from './stun-probe.ts'

const SOCKETS = 64
const REQUESTS_UNDER_WAY = 4
const SOURCE = join(import.meta.dirname, '..', 'load', 'stun-load.c')

/** What the generator prints of one run. */
interface Load {
  answered: number
  wrong: number
  lost: number
  seconds: number
  cpuSeconds: number
}

const folder = mkdtempSync(join(tmpdir(), 'crowfly-bench-'))

// coturn with nothing switched on that costs a binding request anything, and no log.
const coturn: ServerCommand = {
  name: 'coturn',
  command: 'turnserver',
  args: (port) => [
    ...['-n', '--stun-only', '--listening-ip=127.0.0.1', `--listening-port=${port}`],
    ...['--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--no-software-attribute'],
    ...['--log-file=/dev/null', '--no-stdout-log', `--pidfile=${join(folder, 'turnserver.pid')}`],
  ],
  isReady: answersBinding,
}

function compileGenerator(): string {
  const program = join(folder, 'stun-load')
  execFileSync('cc', ['-O2', '-o', program, SOURCE], { stdio: 'inherit' })
  return program
}

async function load(generator: string, server: ServerProcess, seconds: number): Promise<Load> {
  const numbers = [server.port, server.pid, SOCKETS, REQUESTS_UNDER_WAY, seconds].map(String)
  const { stdout } = await promisify(execFile)(
    ...pinned(SERVER_CORE + 1, generator, ['127.0.0.1', ...numbers]),
  )
  const result: Load = JSON.parse(stdout)
  if (result.wrong > 0) throw new Error(`${server.name} gave ${result.wrong} wrong answers`)
  return result
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '5' } },
})
const rounds = positiveOption('rounds', values.rounds)
const seconds = positiveOption('seconds', values.seconds)

const generator = compileGenerator()
const servers: ServerProcess[] = []
try {
  for (const command of [{ ...crowflyCommand(), isReady: answersBinding }, coturn]) {
    servers.push(await ServerProcess.start(command))
  }
  const runs = new Map<ServerProcess, Load[]>(servers.map((server) => [server, []]))
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      console.error(`round ${round + 1} of ${rounds}: ${server.name}`)
      runs.get(server)?.push(await load(generator, server, seconds))
    }
  }
  report(runs)
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(folder, { recursive: true })
}

function report(runs: ReadonlyMap<ServerProcess, readonly Load[]>): void {
  const figures = [...runs].map(([server, loads]) => ({
    name: server.name,
    perSecond: loads.map((load) => load.answered / load.seconds),
    microseconds: loads.map((load) => (load.cpuSeconds * 1e6) / load.answered),
    utilization: loads.map((load) => (load.cpuSeconds * 100) / load.seconds),
    lost: loads.map((load) => load.lost),
  }))
  const reference = figures.find((figure) => figure.name === coturn.name)
  const rows = figures.map((figure) => [
    figure.name,
    formatSummary(summarize(figure.perSecond)),
    formatSummary(ratios(figure.perSecond, reference?.perSecond ?? []), 2),
    formatSummary(summarize(figure.microseconds), 2),
    formatSummary(summarize(figure.utilization)),
    String(figure.lost.reduce((sum, lost) => sum + lost, 0)),
  ])
  console.log(`STUN binding requests over UDP, ${describeMachine()}.`)
  console.log(
    `${SOCKETS} sockets with ${REQUESTS_UNDER_WAY} requests under way each; server on one core, load on another;`,
  )
  console.log(`median (least to most) of ${rounds} alternating runs of ${seconds} s.\n`)
  const head = ['server', 'requests/s', 'to coturn', 'CPU µs/request', 'core used, %', 'lost']
  console.log(formatTable(head, rows))
  saveResults('stun', figures)
}
