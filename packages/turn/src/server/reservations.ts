import { equalConstantTime } from '@crowfly/bytes'
import type { Millis, Random, TimerTable } from '@crowfly/sansio'
import { RESERVATION_TOKEN_BYTES } from '../proto/attributes/reservation-token.ts'
import type { RelayedAddress } from './relayed-addresses.ts'
import { RESERVATION_LIFETIME_MS } from './turn-limits.ts'

/** A port kept for whoever shows the token. RFC 8656 §7.2. */
export interface Reservation {
  readonly token: Uint8Array
  readonly username: string
  readonly relayed: RelayedAddress
  readonly port: number
}

/** What `Reservations` works on. */
export interface ReservationsOptions {
  random: Random
  timers: TimerTable
  /** `maxReservations` slots of `timers` from here on are theirs. */
  firstSlot: number
  maxReservations: number
}

/** The ports above even ones that clients have asked to be kept. */
export class Reservations {
  readonly #options: ReservationsOptions
  readonly #slots: (Reservation | undefined)[] = []

  constructor(options: ReservationsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#slots.reduce((sum, reservation) => sum + Number(reservation !== undefined), 0)
  }

  get isFull(): boolean {
    return this.size >= this.#options.maxReservations
  }

  /** Keeps a port that was reserved for 30 seconds, and returns the token; only unless `isFull`. */
  add(username: string, relayed: RelayedAddress, port: number, now: Millis): Uint8Array {
    const token = new Uint8Array(RESERVATION_TOKEN_BYTES)
    this.#options.random.fill(token)
    const free = this.#slots.indexOf(undefined)
    const slot = free < 0 ? this.#slots.length : free
    this.#slots[slot] = { token, username, relayed, port }
    this.#options.timers.schedule(this.#options.firstSlot + slot, now + RESERVATION_LIFETIME_MS)
    return token
  }

  // DEVIATION: RFC 8656 §7.2 has reservations for the whole server. These are for the user who was given the token.
  /** What the token stands for, if it is this user's. */
  find(token: Uint8Array, username: string): Reservation | undefined {
    const found = this.#slots.find((each) => each !== undefined && equalConstantTime(each.token, token))
    return found?.username === username ? found : undefined
  }

  /** The port has gone to an allocation. */
  redeem(reservation: Reservation): void {
    const slot = this.#slots.indexOf(reservation)
    if (slot < 0) return
    this.#slots[slot] = undefined
    this.#options.timers.cancel(this.#options.firstSlot + slot)
  }

  /** The reservation in this slot of `timers` has expired. */
  handleTimeout(timerSlot: number): void {
    const slot = timerSlot - this.#options.firstSlot
    const reservation = this.#slots[slot]
    this.#slots[slot] = undefined
    reservation?.relayed.ports.release(reservation.port)
  }
}
