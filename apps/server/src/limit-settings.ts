import { defaultSignalingLimits, type SignalingLimits } from '@crowfly/signaling'
import { DEFAULT_TURN_LIMITS, type TurnLimits } from '@crowfly/turn'
import { z } from 'zod'
import { refuseFlag } from './operator-error.ts'
import { defaultServerLimits, type ServerLimits } from './server-limits.ts'

/** All sets of limits: the server's own complete, the others as far as they were typed. */
export interface LimitSettings {
  server: ServerLimits
  signaling: Partial<SignalingLimits>
  relay: Partial<TurnLimits>
}

/** What is to be started. */
export type LimitedCommand = 'serve' | 'turn'

interface Range {
  least: number
  most: number
}

/** The longest delay of a timer in milliseconds, and more of anything than a machine has. */
const maxLimit = 2 ** 31 - 1

type LimitName = keyof ServerLimits | keyof SignalingLimits | keyof TurnLimits

/** Widths on the wire (PROTOCOL.md), and what a well-behaved client needs so as not to be taken for a bad one. */
const ranges: ReadonlyMap<string, Range> = new Map<LimitName, Range>([
  ['maxBufferedBytes', { least: 65_536, most: maxLimit }],
  // PROTOCOL.md §1.2: proxies cut at 30 s.
  ['pollAnswerMs', { least: 100, most: 25_000 }],
  // Members ask for new ones when half of it is over, and every ten seconds at most.
  ['relayCredentialSeconds', { least: 20, most: 2_000_000 }],
  // The list of the others in a room has places for 255.
  ['maxMembersPerRoom', { least: 2, most: 256 }],
  // One message brings so many, and the server keeps no more of a member.
  ['ticketsPerMember', { least: 1, most: 16 }],
  // Long enough for a join behind a look, short enough to find tickets again that nobody came for.
  ['ticketReserveMs', { least: 1_000, most: 3_600_000 }],
  // Whoever looks is found in a list, as members are.
  ['maxPendingPerRoom', { least: 1, most: 256 }],
  // A client that comes back sends 128 messages again, and 512 KiB.
  ['messageBurst', { least: 256, most: maxLimit }],
  ['byteBurst', { least: 1_048_576, most: maxLimit }],
  ['maxOutboxMessages', { least: 32, most: maxLimit }],
  // The longest description has to fit.
  ['maxOutboxBytes', { least: 131_072, most: maxLimit }],
  ['maxTotalOutboxBytes', { least: 131_072, most: maxLimit }],
  ['pingEveryMs', { least: 100, most: 65_534 }],
  ['deadAfterMs', { least: 101, most: 65_535 }],
  ['polledPingEveryMs', { least: 100, most: 65_534 }],
  ['polledDeadAfterMs', { least: 101, most: 65_535 }],
  // The paths of so many UDP clients are held; the others have to find room beside them.
  ['maxAllocations', { least: 1, most: 49_152 }],
  // The table of their timers.
  ['maxReservations', { least: 1, most: 65_536 }],
  // RFC 8656 §7.2: one hour at most.
  ['defaultLifetimeSeconds', { least: 1, most: 3_600 }],
  ['maxLifetimeSeconds', { least: 1, most: 3_600 }],
  ['nonceLifetimeSeconds', { least: 1, most: 86_400 }],
  ['maxIdleStreamSeconds', { least: 1, most: 86_400 }],
])

/** Of the server's own limits, those that hold without HTTP and rooms. */
const limitsWithoutRooms: readonly (keyof ServerLimits)[] = [
  'maxTcpConnections',
  'maxTcpConnectionsPerAddress',
  'firstBytesTimeoutMs',
]

/** What holds of a relay's limits where nothing is typed. */
export const defaultRelayLimits: Readonly<Record<LimitedCommand, Readonly<TurnLimits>>> = {
  serve: DEFAULT_TURN_LIMITS,
  // A username on the command line stands for as many people as there are, and so does the one room.
  turn: {
    ...DEFAULT_TURN_LIMITS,
    maxAllocationsPerUser: DEFAULT_TURN_LIMITS.maxAllocations,
    maxAllocationsPerRoom: DEFAULT_TURN_LIMITS.maxAllocations,
  },
}

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)

/** Checks what `--limit` was given. Throws `OperatorError` `FLAG_REFUSED`, which names the limit and its range. */
export function parseLimits(texts: readonly string[], command: LimitedCommand = 'serve'): LimitSettings {
  const server: Record<string, number> = {}
  const signaling: Record<string, number> = {}
  const relay: Record<string, number> = {}
  const names = limitNames(command)
  const defaults: Readonly<Record<string, number>> = {
    ...defaultServerLimits,
    ...defaultSignalingLimits,
    ...defaultRelayLimits[command],
  }
  for (const text of texts) {
    const [name = '', value = '', rest] = text.split('=')
    if (!names.includes(name)) {
      refuseFlag(
        '--limit',
        text,
        `There is no limit "${name}". Give name=value; "crowfly ${command} --help" lists the names.`,
      )
    }
    const { least, most } = ranges.get(name) ?? { least: 1, most: maxLimit }
    const parsed = wholeNumber.pipe(z.int().min(least).max(most)).safeParse(value)
    if (!parsed.success || rest !== undefined) {
      refuseFlag(
        '--limit',
        text,
        `Give ${name}= and a whole number from ${least} to ${most}; the default is ${defaults[name]}.`,
      )
    }
    const isServers = Object.hasOwn(defaultServerLimits, name)
    const isRelays = Object.hasOwn(DEFAULT_TURN_LIMITS, name)
    const target = isServers ? server : isRelays ? relay : signaling
    target[name] = parsed.data
  }
  const rooms = { ...defaultSignalingLimits, ...signaling }
  requireTimeToAnswer('pingEveryMs', 'deadAfterMs', rooms)
  requireTimeToAnswer('polledPingEveryMs', 'polledDeadAfterMs', rooms)
  requireLifetimeWithin({ ...defaultRelayLimits[command], ...relay })
  return { server: { ...defaultServerLimits, ...server }, signaling, relay }
}

/** The names that `--limit` of a command takes. */
export function limitNames(command: LimitedCommand = 'serve'): string[] {
  const relay = Object.keys(DEFAULT_TURN_LIMITS)
  if (command === 'turn') return [...limitsWithoutRooms, ...relay]
  return [...Object.keys(defaultServerLimits), ...Object.keys(defaultSignalingLimits), ...relay]
}

/** What a client gets that asks for nothing is not more than what it could ask for. */
function requireLifetimeWithin({ defaultLifetimeSeconds, maxLifetimeSeconds }: TurnLimits): void {
  if (defaultLifetimeSeconds <= maxLifetimeSeconds) return
  refuseFlag(
    '--limit',
    `maxLifetimeSeconds=${maxLifetimeSeconds}`,
    `It has to be at least defaultLifetimeSeconds, which is ${defaultLifetimeSeconds}. Give both.`,
  )
}

/** An idle client speaks only when it is pinged: called dead before that, it would come back without end. */
function requireTimeToAnswer(
  every: 'pingEveryMs' | 'polledPingEveryMs',
  after: 'deadAfterMs' | 'polledDeadAfterMs',
  limits: SignalingLimits,
): void {
  if (limits[after] > limits[every]) return
  refuseFlag(
    '--limit',
    `${after}=${limits[after]}`,
    `It has to be more than ${every}, which is ${limits[every]}, and at most 65535. Give both.`,
  )
}
