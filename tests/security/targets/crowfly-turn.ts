import type { Target } from '../target.ts'
import { CertificateFiles } from './certificate-files.ts'
import { serverHosts, startCrowfly } from './crowfly-command.ts'
import { allocationLimitFlags, limitFlags } from './limit-flags.ts'
import { madeCrowd, threeUsers, threeUsersFlags, userFlags } from './static-users.ts'

/** Each on a port of its own, for where they share a network. */
const PORTS = { turn: 3478, 'one-room': 3479, 'short-nonces': 3480, full: 3481, mute: 3482 } as const

const TLS_ATTACKS = [
  'wrong beginnings within TLS',
  'TLS handshakes by the hundred, with every protocol offered',
]

/** What one of these servers is given beyond the users, and what is known of it for that. */
interface Variant extends Partial<Target> {
  readonly flags?: readonly string[]
}

/** `crowfly turn` with three users. */
async function start(name: keyof typeof PORTS, { flags = [], ...more }: Variant): Promise<Target> {
  const { host, hostV6 } = serverHosts()
  const port = PORTS[name]
  const kind = more.kind ?? 'public'
  const listen = ['--listen', `${host}:${port}`, '--listen', `[${hostV6}]:${port}`]
  const server = await startCrowfly(port, ['turn', ...listen, ...threeUsersFlags, '--peers', kind, ...flags])
  return {
    name,
    host,
    hostV6,
    port,
    ...threeUsers,
    pid: server.pid,
    isJudged: true,
    stop: () => server.stop(),
    ...more,
    kind,
  }
}

/**
 * In public mode, with TLS. Static users have as many allocations as they like by default, since one may be all of a
 * product; here each is one person.
 */
export async function startCrowflyTurn(): Promise<Target> {
  const files = CertificateFiles.make()
  const tls = files === undefined ? [] : ['--cert', files.cert, '--key', files.key]
  const limits = { perUser: 200, perAddress: 300, inAll: 4096 }
  const crowd = madeCrowd(24)
  const flags = [...tls, ...allocationLimitFlags(limits), ...userFlags(crowd)]
  const mayBeSkipped = files === undefined ? TLS_ATTACKS : []
  try {
    const target = await start('turn', { flags, limits, crowd, mayBeSkipped })
    return {
      ...target,
      stop: async () => {
        await target.stop()
        files?.remove()
      },
    }
  } catch (error) {
    files?.remove()
    throw error
  }
}

/** In rooms mode, where all users are in one room, which the attacks on other rooms have to find out. */
export function startOneRoom(): Promise<Target> {
  return start('one-room', { kind: 'rooms' })
}

/** Whose nonces age fast: eight seconds are the least. */
export function startShortNonces(): Promise<Target> {
  const nonceSeconds = 8
  return start('short-nonces', {
    nonceSeconds,
    attacks: ['an aged nonce'],
    flags: limitFlags({ nonceLifetimeSeconds: nonceSeconds }),
    mayBeSkipped: [],
  })
}

/** That has no allocation left once the honest client has its two: attacks must not pass for want of one. */
export function startFull(): Promise<Target> {
  return start('full', { flags: limitFlags({ maxAllocations: 2 }) })
}

/** That grants everything and relays nothing: attacks must not pass for that. */
export function startMute(): Promise<Target> {
  return start('mute', { flags: limitFlags({ maxBytesPerSecond: 1 }) })
}
