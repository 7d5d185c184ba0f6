import type { Millis, Random } from '@crowfly/sansio'
import type { AddressBudgets } from './address-budgets.ts'
import type { ClientMessage, WireRefusalCode } from './frame.ts'
import type { SignalingLimits } from './limits.ts'
import { generateNameplate, isServerNameplate, maxDigits, minDigits } from './nameplate.ts'
import { Quarantine } from './quarantine.ts'
import type { Room } from './room.ts'
import { TokenBucket } from './token-bucket.ts'

/** Why somebody is not let in; 0 when waiting does not help. */
export interface Refusal {
  readonly code: WireRefusalCode
  readonly retryAfterMs: Millis
}

type Wish = Pick<Extract<ClientMessage, { type: 'join' }>, 'nameplate' | 'ifEmpty'>

/** Milliseconds after which a room may take newcomers again that has too many unconfirmed ones. */
const pendingRetryMs = 10_000
/** Share of the nameplates of a length that may be taken before longer ones are handed out. */
const crowded = 0.1

/** Who may open, enter and look at which room, and which nameplates are handed out (PROTOCOL.md §5.3). */
export class EntryRules {
  readonly #limits: SignalingLimits
  readonly #budgets: AddressBudgets
  readonly #random: Random
  readonly #quarantine: Quarantine
  readonly #roomJoins: TokenBucket

  constructor(limits: SignalingLimits, budgets: AddressBudgets, random: Random) {
    this.#limits = limits
    this.#budgets = budgets
    this.#random = random
    this.#quarantine = new Quarantine(limits.maxQuarantined, limits.quarantineMs)
    this.#roomJoins = new TokenBucket(limits.joinsPerMinutePerRoom, limits.joinsPerMinutePerRoom / 60_000)
  }

  /** Why an address may not open another room. */
  refuseRoom(key: string, now: Millis): Refusal | undefined {
    const wait = this.#budgets.spend(key, 'rooms', now)
    return wait > 0 ? { code: 'tooManyTries', retryAfterMs: wait } : undefined
  }

  /** Why a newcomer may not come in or look, or open a room that is not open. `found` is the room, if there is one. */
  refuse(
    found: Room | undefined,
    key: string,
    { nameplate, ifEmpty }: Wish,
    budget: 'joins' | 'looks',
    now: Millis,
  ): Refusal | undefined {
    // With no unknown nameplates left a known one is refused too: else the refusal would tell them apart.
    const wait =
      this.#budgets.wait(key, 'unknownNameplates', now) ||
      this.#budgets.wait(key, 'guesses', now) ||
      this.#budgets.spend(key, budget, now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    if (found !== undefined) return undefined
    const isOwnName = !isServerNameplate(nameplate)
    if (ifEmpty === 'wait' && isOwnName) return this.refuseRoom(key, now)
    if (this.#quarantine.has(nameplate, now)) {
      return ifEmpty === 'wait' ? undefined : { code: 'nobodyThere', retryAfterMs: 0 }
    }
    // A name is no try: people who come to their room too early must not be taken for one who counts through numbers.
    if (isOwnName) return { code: 'nobodyThere', retryAfterMs: 0 }
    this.#budgets.spend(key, 'unknownNameplates', now)
    return { code: 'unknownNameplate', retryAfterMs: 0 }
  }

  /** Too many who come to a room, or who have come and are not confirmed. */
  refuseCrowd(room: Room, now: Millis): Refusal | undefined {
    if (room.pending >= this.#limits.maxPendingPerRoom) {
      return { code: 'tooManyTries', retryAfterMs: pendingRetryMs }
    }
    const wait = this.#roomJoins.wait(room.joinsFullAt, 1, now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    room.joinsFullAt = this.#roomJoins.spend(room.joinsFullAt, 1, now)
    return undefined
  }

  /** Too many who look; of them `lingering` may give way. */
  refuseGuest(
    room: Room,
    now: Millis,
    release: (lingering: Room['guests'][number]) => void,
  ): Refusal | undefined {
    if (room.guests.length < this.#limits.maxPendingPerRoom) return undefined
    const lingering = room.guests.find(({ until }) => until <= now)
    if (lingering === undefined) return { code: 'tooManyTries', retryAfterMs: pendingRetryMs }
    release(lingering)
    return undefined
  }

  /** A nameplate for a new room: random, as short as the number of those in use allows. */
  drawNameplate(rooms: ReadonlyMap<string, Room>, now: Millis): string | undefined {
    const taken = rooms.size + this.#quarantine.size
    let digits = minDigits
    while (digits < maxDigits && taken >= crowded * 10 ** digits) digits++
    for (let tries = 0; tries < 16; tries++) {
      const nameplate = generateNameplate(this.#random, digits)
      if (!rooms.has(nameplate) && !this.#quarantine.has(nameplate, now)) return nameplate
    }
    return undefined
  }

  handleOpened({ nameplate }: Room): void {
    this.#quarantine.delete(nameplate)
  }

  handleEnded({ nameplate }: Room, now: Millis): void {
    if (isServerNameplate(nameplate)) this.#quarantine.add(nameplate, now)
  }
}
