import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './flag-check.ts'

export type Log = Logger

/**
 * The server's log, on standard error: for people on a terminal, JSON lines elsewhere. It holds nothing that members
 * say, no names and no descriptions; addresses only at `debug`.
 */
export function openLog(level: LogLevel): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }))
  const stream = pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' })
  return pino(options, stream)
}
