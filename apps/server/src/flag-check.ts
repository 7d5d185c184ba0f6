import { isIP } from 'node:net'
import { z } from 'zod'
import { OperatorError, refuseFlag } from './operator-error.ts'
import type { CertificateFiles } from './tls-identity.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

/** What a flag takes, and the sentence that ends the refusal of anything else. */
export type FlagRule<T> = readonly [schema: z.ZodType<T>, remedy: string]

/** What was typed for `flag`, checked. Throws `OperatorError` `FLAG_REFUSED`. */
export function checkFlag<T>(flag: string, [schema, remedy]: FlagRule<T>, text: string): T {
  const result = schema.safeParse(text)
  return result.success ? result.data : refuseFlag(flag, text, remedy)
}

/** A port number from `least` on. */
export const portNumber = (least: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(65_535))

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.?$/i

/** Whether `text` is an IP address or could be a host's name. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || hostName.test(text)
}

export const logLevelRule: FlagRule<LogLevel> = [z.enum(logLevels), `Give one of ${logLevels.join(', ')}.`]

/** `--cert` and `--key`: both or neither. `without` says what holds without them. */
export function checkCertificate(
  { cert, key }: { cert?: string; key?: string },
  without: string,
): CertificateFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key }
  if (cert === undefined && key === undefined) return undefined
  const [given, missing] = cert === undefined ? ['--key', '--cert'] : ['--cert', '--key']
  throw new OperatorError(
    'FLAG_REFUSED',
    `${given} needs ${missing} beside it. Give both, or neither: then ${without}.`,
  )
}
