import type { Datagram, PathId, Random, TransportAddress } from '@crowfly/sansio'
import { encodeChannelDataInPlace } from '../proto/channel-data.ts'
import { encodeIndicationInPlace, indicationHeaderBytes } from '../proto/indication.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnError } from '../turn-error.ts'
import type { SendVerdict } from './turn-client-options.ts'

const HEADROOM_BYTES = indicationHeaderBytes(6)
const TRANSACTION_ID_BYTES = 12
/** Padding, and a DONT-FRAGMENT. */
const TAILROOM_BYTES = 8
/** What fits into a message with everything around it. */
const LONGEST_PAYLOAD_BYTES = 65_456

/** The one payload that is about to be sent, written into the message that carries it. */
export class PayloadOutbox {
  readonly #path: PathId
  readonly #isReliable: boolean
  readonly #random: Random
  readonly #maxPayloadBytes: number
  readonly #transactionId = new Uint8Array(TRANSACTION_ID_BYTES)
  readonly #run: { readonly bytes: Uint8Array; start: number; end: number }
  #isFull = false

  constructor(options: { path: PathId; isReliable: boolean; random: Random; maxPayloadBytes: number }) {
    const { path, isReliable, random, maxPayloadBytes } = options
    if (!(maxPayloadBytes >= 0 && maxPayloadBytes <= LONGEST_PAYLOAD_BYTES)) {
      throw new TurnError(
        'TURN_CLIENT',
        `maxPayloadBytes is 0 to ${LONGEST_PAYLOAD_BYTES}, not ${maxPayloadBytes}`,
      )
    }
    this.#path = path
    this.#isReliable = isReliable
    this.#random = random
    this.#maxPayloadBytes = maxPayloadBytes
    const bytes = new Uint8Array(HEADROOM_BYTES + maxPayloadBytes + TAILROOM_BYTES)
    this.#run = { bytes, start: 0, end: 0 }
  }

  putChannelData(channel: number, bytes: Uint8Array, start: number, end: number): SendVerdict {
    const verdict = this.#put(bytes, start, end)
    if (verdict !== 'sent') return verdict
    this.#isFull = encodeChannelDataInPlace(this.#run, channel, this.#isReliable)
    return verdict
  }

  putSendIndication(
    peer: TransportAddress,
    dontFragment: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): SendVerdict {
    const verdict = this.#put(bytes, start, end)
    if (verdict !== 'sent') return verdict
    this.#random.fill(this.#transactionId)
    this.#isFull = encodeIndicationInPlace(this.#run, 'send', peer, this.#transactionId)
    if (dontFragment) this.#appendDontFragment()
    return verdict
  }

  poll(out: Datagram): boolean {
    if (!this.#isFull) return false
    this.#isFull = false
    out.bytes = this.#run.bytes
    out.start = this.#run.start
    out.end = this.#run.end
    out.path = this.#path
    return true
  }

  clear(): void {
    this.#isFull = false
  }

  #put(bytes: Uint8Array, start: number, end: number): SendVerdict {
    const length = end - start
    if (this.#isFull) return 'notDrained'
    if (length > this.#maxPayloadBytes) return 'tooLong'
    const run = this.#run
    run.start = HEADROOM_BYTES
    run.end = HEADROOM_BYTES + length
    run.bytes.set(bytes.subarray(start, end), HEADROOM_BYTES)
    return 'sent'
  }

  // RFC 8656 §11.1: an attribute of four bytes without a value, behind DATA.
  #appendDontFragment(): void {
    const { bytes, start, end } = this.#run
    bytes[end] = TurnAttributeType.DONT_FRAGMENT >>> 8
    bytes[end + 1] = TurnAttributeType.DONT_FRAGMENT
    bytes[end + 2] = 0
    bytes[end + 3] = 0
    const length = (((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0)) + 4
    bytes[start + 2] = length >>> 8
    bytes[start + 3] = length
    this.#run.end = end + 4
  }
}
