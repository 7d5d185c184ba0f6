import { encodeUtf8 } from '@crowfly/bytes'
import { SeededRandom } from '@crowfly/testkit'
import type { OpenRoom, RoomCode } from '../code/room-code.ts'
import type { Pairing } from '../pairing.ts'
import type { SealedMessage } from '../seal/sealed-channel.ts'
import { CodeEntry } from '../ticket/code-entry.ts'
import { PairRegistry } from '../ticket/pair-registry.ts'
import type { Ticket } from '../ticket/ticket.ts'
import { TicketBook } from '../ticket/ticket-book.ts'

export const canoe: RoomCode = { kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'maple'] }
export const offer: SealedMessage = { type: 'offer', body: encodeUtf8('v=0 offer') }
export const answer: SealedMessage = { type: 'answer', body: encodeUtf8('v=0 answer') }

/** Ann is there, Bob comes; each has a code, which should be the same. */
export class TwoPeople {
  readonly annId: Uint8Array
  readonly bobId: Uint8Array
  readonly ann: TicketBook
  readonly bob: CodeEntry
  readonly annRegistry: PairRegistry
  readonly bobRegistry: PairRegistry

  constructor(seed = 1, annCode: RoomCode | OpenRoom = canoe, bobCode = annCode) {
    const random = new SeededRandom(seed)
    this.annId = random.bytes(16)
    this.bobId = random.bytes(16)
    this.annRegistry = new PairRegistry(this.annId)
    this.bobRegistry = new PairRegistry(this.bobId)
    this.ann = new TicketBook({ random: random.fork(), code: annCode, registry: this.annRegistry })
    this.bob = new CodeEntry({ random: random.fork(), code: bobCode, registry: this.bobRegistry })
  }

  /** A ticket as Bob reads it. */
  ticket(octets = this.ann.make()): Ticket {
    const ticket = this.bob.examine(octets, this.annId)
    if (typeof ticket === 'string') throw new TypeError(`the ticket is ${ticket}`)
    return ticket
  }

  /** Bob's `open` of it. */
  open(ticket = this.ticket(), message = offer): Uint8Array {
    const outcome = this.bob.open(ticket, message)
    if (outcome.type !== 'opened') throw new TypeError(`not opened: ${outcome.reason}`)
    return outcome.open
  }

  /** Ann's pairing, when the `open` proves the code to her. */
  prove(open: Uint8Array): Pairing {
    const outcome = this.ann.handleOpen(open, this.bobId, 0)
    if (outcome.type !== 'proven') throw new TypeError(`Ann says ${outcome.type}`)
    return outcome.pairing
  }

  /** Bob's pairing, when the reply proves the code to him. */
  confirm(reply: Uint8Array): Pairing {
    const outcome = this.bob.handleReply(reply, this.annId, 0)
    if (outcome.type !== 'confirmed') throw new TypeError(`Bob says ${outcome.reason}`)
    return outcome.pairing
  }

  /** Both sides of the whole exchange. */
  pair(first = answer): { ann: Pairing; bob: Pairing; open: Uint8Array; reply: Uint8Array } {
    const open = this.open()
    const ann = this.prove(open)
    const reply = ann.channel.seal(first)
    if (reply === undefined) throw new TypeError('nothing was sealed')
    return { ann, bob: this.confirm(reply), open, reply }
  }
}
