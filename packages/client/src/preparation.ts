import type { RoomCode } from '@crowfly/pairing'
import { Agenda, type Alarm } from './agenda.ts'
import { browserPlatform, type CallPlatform } from './call-platform.ts'
import { serverOrigin } from './server-origin.ts'
import { type LinkEvent, SignalingLink } from './signaling-link.ts'
import type { SignalingTransports } from './signaling-transport.ts'

export interface PrepareOptions {
  /** The server's origin, as in `JoinOptions`. */
  server?: string | URL
  code: RoomCode
  /** As in `JoinOptions`. */
  authorization?: string
  /** What carries signaling, as in `JoinOptions`: the call that takes over goes on with it. */
  transports?: SignalingTransports
}

/** How often is looked again, since what a look shows gets old, and how many times. */
const LOOK_INTERVAL_MS = 45_000
const MAX_LOOKS = 12

/** A connection to the server, with its deadlines. */
export interface Approach {
  readonly agenda: Agenda
  readonly link: SignalingLink
}

/**
 * A look at a room before anybody enters it: nobody there hears of it, and whatever goes wrong shows when the room is
 * joined. Give it to `join` as `prepared`, or close it.
 */
export class Preparation {
  readonly #approach: Approach
  readonly #lookAlarm: Alarm
  #listener: ((event: LinkEvent) => void) | null = null
  #looks = 0
  #isSpent = false

  constructor({ server, code, authorization, transports }: PrepareOptions, platform: CallPlatform) {
    const agenda = new Agenda(platform.clock)
    const link = new SignalingLink({
      server: serverOrigin(server, platform.origin),
      transports: transports ?? platform.transports,
      agenda,
      random: platform.random,
      authorization,
      onEvent: (event) => this.#handle(event),
    })
    this.#approach = { agenda, link }
    this.#lookAlarm = agenda.alarm(() => this.#look(code))
    this.#look(code)
  }

  /** For the call that takes over, once; null when there is nothing to take. */
  take(listener: (event: LinkEvent) => void): Approach | null {
    if (this.#isSpent) return null
    this.#isSpent = true
    this.#listener = listener
    this.#lookAlarm.clear()
    return this.#approach
  }

  /** Nobody is going to join. Does nothing to a call that has taken over. */
  close(): void {
    if (this.#isSpent) return
    this.#isSpent = true
    this.#approach.link.leave()
    this.#approach.agenda.close()
  }

  #look(code: RoomCode): void {
    this.#looks += 1
    this.#approach.link.look(code)
    if (this.#looks < MAX_LOOKS) {
      this.#lookAlarm.set(this.#approach.agenda.now() + LOOK_INTERVAL_MS)
    }
  }

  #handle(event: LinkEvent): void {
    if (this.#listener !== null) this.#listener(event)
    // The server wants nothing to do with this page now; the call is to ask it once more.
    else if (event.type === 'refused') this.close()
  }
}

/**
 * Looks at a room as soon as its code is known, so that the press on "Connect" needs no trip to the server first. A
 * `server` that is no origin is a `JoinError`.
 */
export function prepare(options: PrepareOptions): Preparation {
  return new Preparation(options, browserPlatform())
}
