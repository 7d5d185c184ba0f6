import { decodeBase64url, encodeBase64url, equalConstantTime } from '@crowfly/bytes'
import type { Crypto, Millis, PathId, PathTable } from '@crowfly/sansio'
import { encodeNonceCookie, NONCE_COOKIE_CHARACTERS, SecurityFeature } from '@crowfly/stun'

const TICK_MS = 4000
const TICKS = 2 ** 24
const TIME_BYTES = 3
const MAC_BYTES = 6
const PORT_BYTES = 2
const ADDRESS_AT = TIME_BYTES + PORT_BYTES
const COOKIE = encodeNonceCookie(SecurityFeature.PASSWORD_ALGORITHMS)

/** What a `NonceMint` is made of. */
export interface NonceMintOptions {
  crypto: Crypto
  paths: PathTable
  /** Known to nobody else. Processes that share it must share the clock that `now` is read from. */
  key: Uint8Array
  lifetimeMs: Millis
}

/**
 * Makes nonces that need not be remembered: the nonce cookie (RFC 8489 §9.2), the time in steps of four seconds, and an
 * HMAC over that and the client's IP address and port, so that what one was given is stale from any other. The MAC has
 * 48 bits: short replies matter more here, since a forged nonce is of no use without the password.
 *
 * DEVIATION: RFC 8656 §5 wants a new random nonce for each first Allocate. These are as hard to guess, but one client
 * may get the same within four seconds: nothing is remembered for strangers.
 */
export class NonceMint {
  readonly #crypto: Crypto
  readonly #paths: PathTable
  readonly #key: Uint8Array
  readonly #lifetimeTicks: number

  constructor(options: NonceMintOptions) {
    this.#crypto = options.crypto
    this.#paths = options.paths
    this.#key = Uint8Array.from(options.key)
    this.#lifetimeTicks = Math.max(2, Math.floor(options.lifetimeMs / TICK_MS))
  }

  /** A nonce for the client at the far end of `path`. */
  mint(path: PathId, now: Millis): string {
    return COOKIE + encodeBase64url(this.#sealed(tickOf(now), path))
  }

  /** Whether this is a nonce for that client that is not too old. */
  isFresh(nonce: string, path: PathId, now: Millis): boolean {
    if (!nonce.startsWith(COOKIE)) return false
    const claimed = decodeBase64url(nonce.slice(NONCE_COOKIE_CHARACTERS))
    if (claimed?.length !== TIME_BYTES + MAC_BYTES) return false
    const [high = 0, middle = 0, low = 0] = claimed
    const tick = (high << 16) | (middle << 8) | low
    const age = (tickOf(now) - tick + TICKS) % TICKS
    return age < this.#lifetimeTicks && equalConstantTime(claimed, this.#sealed(tick, path))
  }

  // RFC 8489 §9.2.4: no two clients of different addresses or ports get the same.
  #sealed(tick: number, path: PathId): Uint8Array {
    const text = new Uint8Array(TIME_BYTES + PORT_BYTES + 16)
    text[0] = tick >>> 16
    text[1] = tick >>> 8
    text[2] = tick
    const port = this.#paths.remotePort(path)
    text[3] = port >>> 8
    text[4] = port
    const length = ADDRESS_AT + this.#paths.writeRemoteAddress(path, text, ADDRESS_AT)
    const mac = this.#crypto.hmacSha256(this.#key, text.subarray(0, length))
    const sealed = new Uint8Array(TIME_BYTES + MAC_BYTES)
    sealed.set(text.subarray(0, TIME_BYTES))
    sealed.set(mac.subarray(0, MAC_BYTES), TIME_BYTES)
    return sealed
  }
}

function tickOf(now: Millis): number {
  return Math.floor(now / TICK_MS) % TICKS
}
