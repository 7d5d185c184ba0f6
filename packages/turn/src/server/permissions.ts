import type { Millis } from '@crowfly/sansio'
import type { PeerAddress } from './peer-address.ts'
import { PERMISSION_LIFETIME_MS } from './turn-limits.ts'

interface Permission {
  readonly ip: PeerAddress
  expiresAt: Millis
}

const NONE: readonly Permission[] = []

/** The IP addresses that one allocation permits. RFC 8656 §9. */
export class Permissions {
  #permissions: readonly Permission[] = NONE

  get size(): number {
    return this.#permissions.length
  }

  /** Whether packets to and from this IP address may pass; the port does not count. */
  has(peer: PeerAddress, now: Millis): boolean {
    const permission = this.#find(peer)
    return permission !== undefined && permission.expiresAt > now
  }

  /** Whether there is an entry for this IP address, so that `install` adds none. */
  knows(peer: PeerAddress): boolean {
    return this.#find(peer) !== undefined
  }

  // RFC 8656 §9: five minutes from now, whether it was there or not.
  install(peer: PeerAddress, now: Millis): void {
    const expiresAt = now + PERMISSION_LIFETIME_MS
    const permission = this.#find(peer)
    if (permission !== undefined) permission.expiresAt = expiresAt
    // Most allocations have one or two: a list of just that length takes a fraction of what one to push to does.
    else this.#permissions = [...this.#permissions, { ip: peer.copy(), expiresAt }]
  }

  /** Forgets the addresses of this family. */
  removeFamily(family: 4 | 6): void {
    this.#permissions = this.#permissions.filter(({ ip }) => ip.family !== family)
  }

  /** Forgets what has expired, and returns when the next does. */
  expire(now: Millis): Millis {
    let next = Infinity
    for (const { expiresAt } of this.#permissions) next = Math.min(next, expiresAt)
    if (next > now) return next
    this.#permissions = this.#permissions.filter(({ expiresAt }) => expiresAt > now)
    return this.expire(now)
  }

  #find(peer: PeerAddress): Permission | undefined {
    for (const permission of this.#permissions) if (permission.ip.hasSameIp(peer)) return permission
    return undefined
  }
}
