import type { Datagram } from '@crowfly/sansio'
import { ClientTransaction, encodeBindingRequest, StunMessage } from '@crowfly/stun'
import { KEY, quickCrypto, repairMessage, wholeWords } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const ID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
const REQUEST = encodeBindingRequest(ID)
const PATH = 0

const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
const response = new StunMessage()

function transactionFor(input: Uint8Array): ClientTransaction {
  const flags = input[0] ?? 0
  const options = { request: REQUEST, path: PATH, isReliable: (flags & 0x80) !== 0 }
  if ((flags & 0x40) === 0) return new ClientTransaction(options)
  return new ClientTransaction({
    ...options,
    credential: { mechanism: (flags & 0x20) === 0 ? 'longTerm' : 'shortTerm', key: KEY, crypto: quickCrypto },
  })
}

/** A client transaction under a response out of the blue: it ends once, in time, and for a reason. */
export const target: FuzzTarget = {
  run(input) {
    const transaction = transactionFor(input)
    const bytes = wholeWords(input.slice(1))
    transaction.start(0)
    invariant(transaction.pollTransmit(out) && !transaction.pollTransmit(out), 'it does not send once')
    transaction.handleDatagram({ bytes, start: 0, end: bytes.length, path: PATH }, 10)
    invariant(!transaction.pollTransmit(out), 'it sends because of a response')
    let event = transaction.pollEvent()
    const isAnswered = event !== undefined
    while (event === undefined) {
      const deadline = transaction.pollTimeout()
      invariant(deadline > 0 && deadline <= 39_500, 'no end in time')
      transaction.handleTimeout(deadline)
      transaction.pollTransmit(out)
      event = transaction.pollEvent()
    }
    invariant(transaction.pollEvent() === undefined && transaction.pollTimeout() === Infinity, 'no end')
    if (event.type === 'failed') return `${isAnswered} ${event.reason}`
    invariant(isAnswered && event.rttMs === 10, 'an answer at another time')
    invariant(response.decode(event.response) === undefined, 'the response is no message')
    invariant(response.hasTransactionId(ID) && response.method === 0x001, 'an answer to something else')
    const isError = response.messageClass === 'errorResponse'
    invariant((event.type === 'refused') === isError, 'another class')
    return event.type === 'refused' ? `refused ${Math.floor(event.code / 100)}` : event.type
  },
  repair(input) {
    const message = input.subarray(1)
    if (message.length < 20) return
    message.set(ID, 8)
    message.set([0x01, (message[1] ?? 0) & 0x10 ? 0x11 : 0x01])
    repairMessage(message)
  },
  dictionary: [
    Uint8Array.of(0x00, 0x09, 0x00, 0x04, 0, 0, 4, 1),
    Uint8Array.of(0x00, 0x20, 0x00, 0x08, 0, 1, 1, 2, 3, 4, 5, 6),
    Uint8Array.of(0x00, 0x08, 0x00, 0x14, ...new Uint8Array(20)),
    Uint8Array.of(0x00, 0x1c, 0x00, 0x20, ...new Uint8Array(32)),
    Uint8Array.of(0x00, 0x15, 0x00, 0x0d, ...new TextEncoder().encode('obMatJos2gAAA'), 0, 0, 0),
  ],
  maxBytes: 256,
}
