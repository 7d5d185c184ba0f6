import { defaultSignalingLimits, type SignalingLimits } from '@crowfly/signaling'
import { z } from 'zod'
import { refuseFlag } from './operator-error.ts'
import { defaultServerLimits, type ServerLimits } from './server-limits.ts'

/** Both sets of limits: the server's own complete, the rooms' as far as they were typed. */
export interface LimitSettings {
  server: ServerLimits
  signaling: Partial<SignalingLimits>
}

interface Range {
  least: number
  most: number
}

/** The longest delay of a timer in milliseconds, and more of anything than a machine has. */
const maxLimit = 2 ** 31 - 1

/** Widths on the wire (PROTOCOL.md), and what a well-behaved client needs so as not to be taken for a bad one. */
const ranges: ReadonlyMap<string, Range> = new Map<keyof ServerLimits | keyof SignalingLimits, Range>([
  ['maxBufferedBytes', { least: 65_536, most: maxLimit }],
  // The list of the others in a room has places for 255.
  ['maxMembersPerRoom', { least: 2, most: 256 }],
  // A client that comes back sends 128 messages again, and 512 KiB.
  ['messageBurst', { least: 256, most: maxLimit }],
  ['byteBurst', { least: 1_048_576, most: maxLimit }],
  ['maxOutboxMessages', { least: 32, most: maxLimit }],
  // The longest description has to fit.
  ['maxOutboxBytes', { least: 131_072, most: maxLimit }],
  ['maxTotalOutboxBytes', { least: 131_072, most: maxLimit }],
  ['pingEveryMs', { least: 100, most: 65_534 }],
  ['deadAfterMs', { least: 101, most: 65_535 }],
])

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)

/** Checks what `--limit` was given. Throws `OperatorError` `FLAG_REFUSED`, which names the limit and its range. */
export function parseLimits(texts: readonly string[]): LimitSettings {
  const server: Record<string, number> = {}
  const signaling: Record<string, number> = {}
  for (const text of texts) {
    const [name = '', value = '', rest] = text.split('=')
    const isServers = Object.hasOwn(defaultServerLimits, name)
    const isSignalings = Object.hasOwn(defaultSignalingLimits, name)
    const target = isServers ? server : isSignalings ? signaling : undefined
    if (target === undefined) {
      const names = limitNames().join(', ')
      refuseFlag('--limit', text, `There is no limit "${name}". Give name=value; the names are ${names}.`)
    }
    const { least, most } = ranges.get(name) ?? { least: 1, most: maxLimit }
    const parsed = wholeNumber.pipe(z.int().min(least).max(most)).safeParse(value)
    if (!parsed.success || rest !== undefined) {
      refuseFlag(
        '--limit',
        text,
        `Give ${name}= and a whole number from ${least} to ${most}; the default is ${defaultOf(name)}.`,
      )
    }
    target[name] = parsed.data
  }
  requireTimeToAnswer({ ...defaultSignalingLimits, ...signaling })
  return { server: { ...defaultServerLimits, ...server }, signaling }
}

/** The names that `--limit` takes. */
export function limitNames(): string[] {
  return [...Object.keys(defaultServerLimits), ...Object.keys(defaultSignalingLimits)]
}

/** An idle client speaks only when it is pinged: called dead before that, it would come back without end. */
function requireTimeToAnswer({ pingEveryMs, deadAfterMs }: SignalingLimits): void {
  if (deadAfterMs > pingEveryMs) return
  refuseFlag(
    '--limit',
    `deadAfterMs=${deadAfterMs}`,
    `It has to be more than pingEveryMs, which is ${pingEveryMs}, and at most 65535. Give both.`,
  )
}

function defaultOf(name: string): number | undefined {
  return Object.entries({ ...defaultServerLimits, ...defaultSignalingLimits }).find(
    ([key]) => key === name,
  )?.[1]
}
