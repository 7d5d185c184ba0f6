import type { ServerMessage } from '@crowfly/signaling/wire'
import type { SeededRandom } from '@crowfly/testkit'
import type { MemberId } from '../../snapshot.ts'
import type { MaliciousServer } from './malicious-server.ts'
import type { Misconduct } from './misconduct.ts'

/** What is remembered to be said again. */
const maxPast = 64

/** A server that drops, delays, doubles, replays, reorders, corrupts and misdirects, as chance has it. */
export class RandomMisconduct implements Misconduct {
  readonly #server: MaliciousServer
  readonly #random: SeededRandom
  /** How many of a hundred messages come as they should. */
  readonly #honesty: number
  readonly #maxDelayMs: number
  readonly #past: { readonly to: MemberId; readonly message: ServerMessage }[] = []
  readonly #people = new Set<MemberId>()
  /** How often it did what it does. */
  deeds = 0

  constructor(server: MaliciousServer, random: SeededRandom) {
    this.#server = server
    this.#random = random
    this.#honesty = random.pick([30, 60, 90])
    this.#maxDelayMs = random.pick([500, 8_000, 30_000])
  }

  say(to: MemberId, message: ServerMessage): readonly ServerMessage[] {
    this.#people.add(to)
    if (message.type !== 'envelope' && message.type !== 'ticket') return [message]
    if (this.#past.length < maxPast || this.#random.chance(0.1)) {
      this.#past[this.#past.length < maxPast ? this.#past.length : this.#random.integer(maxPast)] = {
        to,
        message,
      }
    }
    if (this.#random.integer(100) < this.#honesty) return [message]
    this.deeds += 1
    switch (this.#random.integer(6)) {
      case 0:
        return []
      case 1:
        this.#server.after(this.#random.integer(this.#maxDelayMs), () => this.#server.say(to, message))
        return []
      case 2:
        return [message, message]
      case 3:
        this.#replay()
        return [message]
      case 4:
        return [this.#corrupt(message)]
      default:
        return this.#misdirect(to, message)
    }
  }

  #replay(): void {
    const { to, message } = this.#random.pick(this.#past)
    this.#server.say(to, message)
  }

  #corrupt(message: ServerMessage): ServerMessage {
    if (message.type === 'envelope') return { ...message, envelope: this.#damage(message.envelope) }
    if (message.type === 'ticket') return { ...message, ticket: this.#damage(message.ticket) }
    return message
  }

  /** One octet is another, or the end is missing. */
  #damage(octets: Uint8Array): Uint8Array {
    const damaged = octets.slice()
    const at = this.#random.integer(octets.length)
    if (this.#random.chance(0.2)) return damaged.subarray(0, at)
    damaged[at] = (damaged[at] ?? 0) ^ (1 + this.#random.integer(255))
    return damaged
  }

  /** It goes to somebody else, or as if it came from somebody else. */
  #misdirect(to: MemberId, message: ServerMessage): readonly ServerMessage[] {
    const other = this.#random.pick([...this.#people])
    if (this.#random.chance(0.5)) {
      this.#server.say(other, message)
      return []
    }
    if (message.type === 'envelope' && other !== to) return [{ ...message, from: other }]
    if (message.type === 'ticket' && other !== to) return [{ ...message, memberId: other }]
    return [message]
  }
}
