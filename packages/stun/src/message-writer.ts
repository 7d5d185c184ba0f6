import { ByteWriter } from '@crowfly/bytes'
import { AttributeType } from './attribute-type.ts'
import { HEADER_BYTES, MAGIC_COOKIE, type StunMessage, TRANSACTION_ID_BYTES } from './message.ts'
import { encodeMessageType, type MessageClass, methodOf } from './message-type.ts'
import { StunError } from './stun-error.ts'

// What has been written last decides what may follow.
type Stage = 'attributes' | 'integrity' | 'integritySha256' | 'fingerprint'

/**
 * Writes one STUN message into the caller's buffer.
 *
 * The header's length is right after every attribute, so the message is whole at any time. When the buffer is too
 * short nothing is written past its end and `failed` turns true.
 */
export class StunMessageWriter {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #writer: ByteWriter
  #stage: Stage = 'attributes'
  #openAt = 0

  /** Writes into `bytes[start..end)`. A header comes first: `writeHeader` or `writeResponseHeader`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes
    this.#start = start
    this.#writer = new ByteWriter(bytes, start, end)
  }

  /** True once something did not fit; the message is of no use then. */
  get failed(): boolean {
    return this.#writer.failed
  }

  /** Offset behind what is written. */
  get end(): number {
    return this.#writer.at
  }

  /** The message, as a view of the caller's buffer. */
  get message(): Uint8Array {
    return this.#writer.written()
  }

  /** Writes a header with a transaction id of 12 bytes, copied. */
  writeHeader(method: number, messageClass: MessageClass, transactionId: Uint8Array): void {
    if (transactionId.length !== TRANSACTION_ID_BYTES) {
      throw new StunError('STUN_TRANSACTION_ID', `a transaction id has 12 bytes, not ${transactionId.length}`)
    }
    this.#writer.u16(encodeMessageType(method, messageClass))
    this.#writer.u16(0)
    this.#writer.u32(MAGIC_COOKIE)
    this.#writer.write(transactionId)
  }

  /**
   * Writes the header of a response to `request`: its method and its transaction id, and where the magic cookie is
   * what the request had there, as RFC 5389 §12.2 has it for RFC 3489's clients.
   */
  writeResponseHeader(request: StunMessage, messageClass: 'successResponse' | 'errorResponse'): void {
    this.#writer.u16(encodeMessageType(methodOf(request.type), messageClass))
    this.#writer.u16(0)
    this.#writer.write(request.bytes, request.start + 4, request.start + HEADER_BYTES)
  }

  /** Writes an attribute with this value, copied. */
  writeAttribute(type: number, value: Uint8Array): void {
    this.beginAttribute(type).write(value)
    this.endAttribute()
  }

  /** Writes whole attributes that were encoded before, with their padding. None of them may be one with rules. */
  writeAttributes(attributes: Uint8Array): void {
    this.#writer.write(attributes)
    this.#declareLength(0)
  }

  /** Begins an attribute: write its value to what is returned, then call `endAttribute`. */
  beginAttribute(type: number): ByteWriter {
    this.#stage = this.#stageAfter(type)
    this.#openAt = this.#writer.at
    this.#writer.u16(type)
    this.#writer.u16(0)
    return this.#writer
  }

  /** Ends the attribute that `beginAttribute` began: its length, its padding, the message's length. */
  endAttribute(): void {
    const length = this.#writer.at - this.#openAt - 4
    if (length > 0xffff) throw new StunError('STUN_ATTRIBUTE_VALUE', 'an attribute has at most 65535 bytes')
    this.#writer.patchU16(this.#openAt + 2, length)
    // RFC 8489 §14: the padding is zero on sending.
    this.#writer.zeros(-length & 3)
    this.#declareLength(0)
  }

  /**
   * Declares in the header an attribute of this type, with a value of `valueBytes` that is still to come, and returns
   * the message so far: what the attribute's HMAC or CRC is taken of (RFC 8489 §14.5 to §14.7).
   */
  declareAttribute(type: number, valueBytes: number): Uint8Array {
    this.#stageAfter(type)
    this.#declareLength(4 + valueBytes)
    return this.#bytes.subarray(this.#start, this.#writer.at)
  }

  #declareLength(more: number): void {
    this.#writer.patchU16(this.#start + 2, this.#writer.length - HEADER_BYTES + more)
  }

  // RFC 8489 §9, §14.7: what follows an integrity attribute would be ignored, and FINGERPRINT is last.
  #stageAfter(type: number): Stage {
    const stage = this.#stage
    if (stage !== 'fingerprint') {
      if (type === AttributeType.FINGERPRINT) return 'fingerprint'
      if (type === AttributeType.MESSAGE_INTEGRITY_SHA256 && stage !== 'integritySha256') {
        return 'integritySha256'
      }
      if (stage === 'attributes') return type === AttributeType.MESSAGE_INTEGRITY ? 'integrity' : 'attributes'
    }
    throw new StunError('STUN_ATTRIBUTE_ORDER', `attribute 0x${type.toString(16)} can not follow ${stage}`)
  }
}
