import { CodeEntry, PairRegistry, TicketBook } from '@crowfly/pairing'
import {
  decodeMemberAssociated,
  decodeNewcomerAssociated,
  decodeOpen,
  decodeRefusal,
  decodeReply,
  decodeTicket,
  encodeMemberAssociated,
  encodeNewcomerAssociated,
  encodeOpen,
  encodeRefusal,
  encodeReply,
  encodeTicket,
} from '@crowfly/pairing/wire'
import { SeededRandom } from '@crowfly/testkit'
import { type FuzzTarget, invariant } from '../target.ts'

const random = new SeededRandom(1)
const code = { kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'maple'] } as const
const annId = random.bytes(16)
const bobId = random.bytes(16)
const ann = new TicketBook({ random, code, registry: new PairRegistry(annId) })
const bob = new CodeEntry({ random, code, registry: new PairRegistry(bobId) })

/** What decodes is written in exactly one way: the octets it came from. */
function check<T>(
  name: string,
  input: Uint8Array,
  decode: (octets: Uint8Array) => T | string,
  encode: (value: T) => Uint8Array,
): string {
  const value = decode(input)
  if (typeof value === 'string') return value
  const again = encode(value)
  const isSame = again.length === input.length && again.every((octet, i) => octet === input[i])
  invariant(isSame, `${name}: encodes differently`)
  return name
}

/** A ticket, and an `open` of it. */
const seeds = ((): Uint8Array[] => {
  const octets = ann.make()
  const ticket = bob.examine(octets, annId)
  if (typeof ticket === 'string') return [octets]
  const body = new Uint8Array(3)
  const outcome = bob.open(ticket, { type: 'offer', body })
  // The beginning says all that is not sealed.
  return outcome.type === 'opened' ? [octets, outcome.open.slice(0, 200)] : [octets]
})()

// A book without tickets, and an entry that waits for nothing: nothing is computed, whatever comes.
const emptyBook = new TicketBook({ random, code, registry: new PairRegistry(annId) })
const idleEntry = new CodeEntry({ random, code, registry: new PairRegistry(bobId) })

/** What members and newcomers say to prove the code, before anything of it is believed. */
export const target: FuzzTarget = {
  run(input) {
    const outcome = emptyBook.handleOpen(input, bobId, 0)
    invariant(outcome.type === 'malformed' || outcome.type === 'refused', `an open is ${outcome.type}`)
    invariant(idleEntry.handleReply(input, annId, 0).type === 'dropped', 'a reply is taken')
    invariant(idleEntry.handleRefusal(input, annId) === undefined, 'a refusal is taken')
    const examined = idleEntry.examine(input, annId)
    return [
      check('ticket', input, decodeTicket, encodeTicket),
      check('open', input, decodeOpen, encodeOpen),
      check('reply', input, decodeReply, encodeReply),
      check('refusal', input, decodeRefusal, encodeRefusal),
      check('ADa', input, decodeMemberAssociated, encodeMemberAssociated),
      check('ADb', input, decodeNewcomerAssociated, encodeNewcomerAssociated),
      typeof examined === 'string' ? examined : examined.member.door,
      outcome.type,
    ].join(' ')
  },
  maxBytes: 256,
  seeds,
  dictionary: [annId, bobId, Uint8Array.of(1, 1), Uint8Array.of(0x80, 0), Uint8Array.of(2, 1, 2)],
}
