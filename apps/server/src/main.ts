import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { crowflyCommand, exitCodeOf } from './command.ts'
import { greeting } from './greeting.ts'
import { type Log, openLog } from './log.ts'
import { OperatorError, reasonOf } from './operator-error.ts'
import { relayGreeting } from './relay-greeting.ts'
import { type Flags, parseSettings } from './settings.ts'
import { startRelay } from './start-relay.ts'
import { startServer } from './start-server.ts'
import { parseTurnSettings, type TurnFlags } from './turn-settings.ts'

/** Signals this soon after the first are the same key press: `npm start` passes on what the terminal sent already. */
const sameKeyPressMs = 500

/** Runs the command line `argv`, and ends the process when it fails. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await crowflyCommand(ownVersion(), { serve, turn }).parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) process.exit(exitCodeOf(error))
    if (error instanceof OperatorError) {
      process.stderr.write(`${error.message}\n`)
      process.exit(error.exitCode)
    }
    process.stderr.write(`Crowfly met a fault of its own, and cannot go on: ${reasonOf(error)}\n`)
    process.exit(1)
  }
}

async function serve(flags: Flags): Promise<void> {
  const settings = parseSettings(flags)
  const log = openLog(settings.logLevel)
  const server = await startServer(settings, { log })
  endBySignal(() => server.close(), log)
  process.stdout.write(greeting(server, { version: ownVersion(), isTerminal: process.stdout.isTTY === true }))
}

async function turn(flags: TurnFlags): Promise<void> {
  const settings = parseTurnSettings(flags)
  const log = openLog(settings.logLevel)
  const relay = await startRelay(settings, log)
  endBySignal(async () => relay.close(), log)
  process.stdout.write(relayGreeting(relay, settings, ownVersion()))
}

/** Ends the process by `close` at the first SIGINT or SIGTERM, and at once at another. */
function endBySignal(close: () => Promise<void>, log: Log): void {
  let firstAt = 0
  const stop = (): void => {
    if (firstAt !== 0) {
      if (performance.now() - firstAt > sameKeyPressMs) process.exit(1)
      return
    }
    firstAt = performance.now()
    log.info('stopping; press Ctrl-C again to end at once')
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(`the server did not stop as it should: ${reasonOf(error)}`)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function ownVersion(): string {
  const file = new URL('../package.json', import.meta.url)
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const hasVersion = typeof parsed === 'object' && parsed !== null && 'version' in parsed
  return hasVersion ? String(parsed.version) : 'unknown'
}
