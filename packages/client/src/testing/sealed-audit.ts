import type { PairMessage } from '@crowfly/signaling'
import type { SealedPerson } from './sealed-world.ts'

/** Numbers of one connection between two, by whoever opened it. */
const perOpening = 100_000

/** Something was lost, doubled, or came out of order. */
class AuditFailure extends Error {
  readonly code = 'AUDIT_FAILURE'
}

/** What one says to another, as one of them has it. */
interface Thread {
  opening: number
  count: number
}

/**
 * Numbers what people send to each other and compares what arrives: each number once and in order. A new opening
 * begins the numbers anew, and is only made where a session has said that the pairing is lost, or that somebody came.
 */
export class SealedAudit {
  readonly #sent = new Map<string, Thread>()
  readonly #heard = new Map<string, Thread>()
  #openings = 0
  /** Openings made since the two met. */
  readonly reopened = new Map<string, number>()

  watch(person: SealedPerson): void {
    person.watch = (event) => {
      if (event.type === 'joined') for (const member of event.members) this.#open(person, member)
      if (event.type === 'memberJoined' && !event.isNewcomer) this.#open(person, event.member)
      if (event.type === 'pairingLost') this.#open(person, event.member)
      if (event.type === 'message') this.#hear(person, event.from, event.message)
    }
  }

  say(from: SealedPerson, to: string): void {
    const thread = this.#sent.get(key(from.id, to))
    if (thread === undefined) return
    const attempt = thread.opening * perOpening + thread.count + 1
    if (from.send(to, { type: 'renew', attempt })) thread.count++
  }

  /** Everything that one said has come to the other. */
  isComplete(from: string, to: string): boolean {
    const sent = this.#sent.get(key(from, to))
    const heard = this.#heard.get(key(from, to))
    return (
      sent !== undefined &&
      heard !== undefined &&
      sent.opening === heard.opening &&
      sent.count === heard.count
    )
  }

  #open(person: SealedPerson, member: string): void {
    this.#openings++
    const attempt = this.#openings * perOpening
    this.#sent.set(key(person.id, member), { opening: this.#openings, count: 0 })
    const between = key(person.id, member)
    this.reopened.set(between, (this.reopened.get(between) ?? 0) + 1)
    person.send(member, { type: 'open', attempt, name: '', pass: new Uint8Array(0), sdp: 'v=0\r\n' })
  }

  #hear(person: SealedPerson, from: string, message: PairMessage): void {
    const opening = Math.floor(message.attempt / perOpening)
    const count = message.attempt % perOpening
    const heard = this.#heard.get(key(from, person.id))
    if (message.type === 'open') {
      if (heard !== undefined && opening <= heard.opening) throw new AuditFailure(`opening ${opening} twice`)
      this.#sent.set(key(person.id, from), { opening, count: 0 })
      this.#heard.set(key(from, person.id), { opening, count: 0 })
      return
    }
    const isAnswer = heard === undefined || opening > heard.opening
    if (count !== (isAnswer ? 1 : heard.count + 1) || (heard !== undefined && opening < heard.opening)) {
      throw new AuditFailure(`${opening}:${count} after ${heard?.opening}:${heard?.count}`)
    }
    this.#heard.set(key(from, person.id), { opening, count })
  }
}

function key(from: string, to: string): string {
  return `${from}>${to}`
}
