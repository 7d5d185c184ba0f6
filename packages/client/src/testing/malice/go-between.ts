import type { RoomCode, SealedMessage } from '@crowfly/pairing'
import type { SeededRandom } from '@crowfly/testkit'
import type { MemberId } from '../../snapshot.ts'
import { Ghost } from './ghost.ts'
import { GhostMember } from './ghost-member.ts'
import { GhostNewcomer } from './ghost-newcomer.ts'
import type { MaliciousServer } from './malicious-server.ts'

/**
 * The server, with the code in its hands, between a member and the next who comes: one ghost pairs with each of them, and
 * what one says is read, and sealed for the other.
 */
export class GoBetween {
  readonly front: GhostMember
  readonly back: GhostNewcomer
  /** What was read. */
  readonly read: SealedMessage[] = []
  #caller: MemberId = ''
  /** What waits for the member's tickets. */
  #offer: SealedMessage | undefined
  readonly #waiting: SealedMessage[] = []

  constructor(
    server: MaliciousServer,
    options: {
      code: RoomCode
      victim: MemberId
      random: SeededRandom
    },
  ) {
    const { code, victim, random } = options
    const { nameplate } = code
    this.front = new GhostMember(new Ghost(server, random), code, random)
    this.back = new GhostNewcomer({
      ghost: new Ghost(server, random),
      victim,
      nextCode: () => code,
      offer: () => this.#offer ?? { type: 'offer', body: new Uint8Array(0) },
      random,
    })
    const pass = (message: SealedMessage): SealedMessage => {
      this.read.push(message)
      return message
    }
    this.front.take = (from, message) => this.#forward(from, pass(message))
    this.back.take = (message) => {
      this.front.seal(this.#caller, pass(message))
      for (const next of this.#waiting.splice(0)) this.back.seal(next)
    }
    const { sees } = server.conduct
    const own = new Set([this.front.ghost.id, this.back.ghost.id])
    const isCaller = (id: MemberId): boolean => id !== victim && !own.has(id)
    // The two never see each other, and each one ghost only.
    server.conduct.sees = (viewer, other) => {
      if (viewer === victim) return other === this.back.ghost.id
      if (isCaller(viewer)) return other === this.front.ghost.id
      return sees?.(viewer, other) ?? true
    }
    this.front.ghost.enter(nameplate)
    this.back.ghost.enter(nameplate)
    // Whoever is not confirmed has their tickets held back, which a server need not do.
    this.front.ghost.act({ type: 'confirm', memberId: this.front.ghost.id })
  }

  #forward(from: MemberId, message: SealedMessage): void {
    if (message.type === 'offer' && this.#offer === undefined) {
      this.#caller = from
      this.#offer = message
      this.back.ask()
    } else if (this.back.pairing === undefined) this.#waiting.push(message)
    else this.back.seal(message)
  }
}
