import { CodeEntry, generateWordsCode, PairRegistry, TicketBook } from '@crowfly/pairing'

/** Milliseconds of the steps of one pairing. */
export interface PairingSteps {
  /** The member makes a ticket, beforehand. */
  readonly ticket: number
  /** The newcomer opens it, with a sealed offer. */
  readonly open: number
  /** The member looks at the proof, and seals an answer. */
  readonly reply: number
  /** The newcomer looks at the member's proof. */
  readonly confirm: number
}

const random = {
  fill: (target: Uint8Array) => target.set(crypto.getRandomValues(new Uint8Array(target.length))),
}

/** As long as a browser's description with one voice and two pictures. */
const description = new Uint8Array(6_000)

/** Pairs fresh people, one pairing after the other. The same in Node and in a page. */
export function measurePairings(count: number): PairingSteps[] {
  return Array.from({ length: count }, measurePairing)
}

function measurePairing(): PairingSteps {
  const code = generateWordsCode('4821', random)
  const [annId, bobId] = [new Uint8Array(16), new Uint8Array(16)]
  for (const id of [annId, bobId]) random.fill(id)
  const ann = new TicketBook({ random, code, registry: new PairRegistry(annId) })
  const bob = new CodeEntry({ random, code, registry: new PairRegistry(bobId) })
  const times = [performance.now()]
  const octets = ann.make()
  times.push(performance.now())
  const ticket = bob.examine(octets, annId)
  if (typeof ticket === 'string') throw new TypeError(ticket)
  const opened = bob.open(ticket, { type: 'offer', body: description })
  if (opened.type !== 'opened') throw new TypeError(opened.reason)
  times.push(performance.now())
  const outcome = ann.handleOpen(opened.open, bobId, 0)
  if (outcome.type !== 'proven') throw new TypeError(outcome.type)
  const reply = outcome.pairing.channel.seal({ type: 'answer', body: description })
  times.push(performance.now())
  const confirmed = bob.handleReply(reply ?? new Uint8Array(0), annId, 0)
  if (confirmed.type !== 'confirmed') throw new TypeError(confirmed.type)
  times.push(performance.now())
  const [start = 0, made = 0, sent = 0, answered = 0, end = 0] = times
  return { ticket: made - start, open: sent - made, reply: answered - sent, confirm: end - answered }
}
