import { AttributeType } from './attribute-type.ts'
import { classOf, type MessageClass, methodOf } from './message-type.ts'

/** Bytes before the first attribute. */
export const HEADER_BYTES = 20

/** The longest message whose length a header can say, header included. */
export const MAX_MESSAGE_BYTES = HEADER_BYTES + 0xfffc

/** Bytes of a transaction id. */
export const TRANSACTION_ID_BYTES = 12

/** What the four bytes at offset 4 say in every message since RFC 5389. */
export const MAGIC_COOKIE = 0x2112a442

/**
 * Why bytes are not a STUN message.
 *
 * - `tooShort`: fewer than 20 bytes
 * - `notStun`: one of the first two bits is set
 * - `noMagicCookie`: RFC 3489, or no STUN at all
 * - `badLength`: the length is not a multiple of 4, or not what is there
 * - `attributeOverrun`: an attribute ends after the message
 * - `fingerprintNotLast`: attributes follow FINGERPRINT
 */
export type MessageFault =
  | 'tooShort'
  | 'notStun'
  | 'noMagicCookie'
  | 'badLength'
  | 'attributeOverrun'
  | 'fingerprintNotLast'

/** Why bytes are not even a message of RFC 3489, which has no magic cookie. */
export type ClassicMessageFault = Exclude<MessageFault, 'noMagicCookie'>

const NONE = -1
const NO_BYTES = new Uint8Array(0)

/**
 * A STUN message seen in somebody's buffer. Nothing is copied: one object can look at one message after the other,
 * and what it says holds as long as the bytes do.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0|     STUN Message Type     |         Message Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Magic Cookie                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Transaction ID (96 bits)                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Type                  |            Length             |   attributes, each padded
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   to a multiple of 4 bytes
 * |                         Value (variable)                ....
 * ```
 * RFC 8489 §5, §14.
 *
 * An attribute is named by its offset in the buffer (`at`); -1 names none. Only attributes that count are seen:
 * those behind an integrity attribute are not there, save a MESSAGE-INTEGRITY-SHA256 and the FINGERPRINT.
 */
export class StunMessage {
  #bytes: Uint8Array = NO_BYTES
  #start = 0
  #end = 0
  #type = 0
  #isClassic = false
  #integrityAt = NONE
  #integritySha256At = NONE
  #fingerprintAt = NONE

  /** The buffer that the message lies in, borrowed. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Offset of the header. */
  get start(): number {
    return this.#start
  }

  /** Offset behind the last attribute. */
  get end(): number {
    return this.#end
  }

  /** The 14-bit message type. */
  get type(): number {
    return this.#type
  }

  get method(): number {
    return methodOf(this.#type)
  }

  get messageClass(): MessageClass {
    return classOf(this.#type)
  }

  /** Whether the magic cookie is missing: the sender speaks RFC 3489, and its transaction id is 16 bytes. */
  get isClassic(): boolean {
    return this.#isClassic
  }

  /** A view of the 12 bytes, borrowed. */
  get transactionId(): Uint8Array {
    return this.#bytes.subarray(this.#start + 8, this.#start + HEADER_BYTES)
  }

  /** Whether the transaction id is this one of 12 bytes. */
  hasTransactionId(id: Uint8Array): boolean {
    const at = this.#start + 8
    for (let i = 0; i < TRANSACTION_ID_BYTES; i++) if (this.#bytes[at + i] !== id[i]) return false
    return true
  }

  /**
   * Looks at `bytes[start..end)`, which must be one whole message, and says why it is none.
   * After a fault the object stands for no message, with no attributes.
   */
  decode(bytes: Uint8Array, start = 0, end: number = bytes.length): MessageFault | undefined {
    const isHeader = end - start >= HEADER_BYTES && (bytes[start] ?? 0) < 0x40
    if (isHeader && !hasMagicCookie(bytes, start)) return this.#refuse('noMagicCookie')
    return this.decodeWithClassic(bytes, start, end)
  }

  /** Like `decode`, but takes messages without the magic cookie too: see `isClassic`. */
  decodeWithClassic(
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
  ): ClassicMessageFault | undefined {
    const fault = this.#decodeHeader(bytes, start, end) ?? this.#decodeAttributes()
    return fault === undefined ? undefined : this.#refuse(fault)
  }

  /** The first attribute, or -1. */
  get firstAttribute(): number {
    return this.#start + HEADER_BYTES < this.#end ? this.#start + HEADER_BYTES : NONE
  }

  /** The attribute after the one at `at`, or -1. */
  nextAttribute(at: number): number {
    // RFC 8489 §9: behind an integrity attribute only these two are looked at. What follows a SHA-256 one that
    // came first is ignored even if it is the other: the stronger HMAC does not cover it.
    if (at === this.#integritySha256At) return this.#fingerprintAt
    if (at === this.#integrityAt) {
      return this.#integritySha256At === NONE ? this.#fingerprintAt : this.#integritySha256At
    }
    const next = at + 4 + paddedLength(this.lengthAt(at))
    return next < this.#end ? next : NONE
  }

  /** The type of the attribute at `at`. */
  typeAt(at: number): number {
    return readU16(this.#bytes, at)
  }

  /** The length of its value in bytes, without padding. */
  lengthAt(at: number): number {
    return readU16(this.#bytes, at + 2)
  }

  /** A view of its value, borrowed. */
  valueAt(at: number): Uint8Array {
    return this.#bytes.subarray(at + 4, at + 4 + this.lengthAt(at))
  }

  // RFC 8489 §14: of several attributes of one type the first counts.
  /** The first attribute of this type, or -1. */
  find(type: number): number {
    if (type === AttributeType.FINGERPRINT) return this.#fingerprintAt
    if (type === AttributeType.MESSAGE_INTEGRITY) return this.#integrityAt
    if (type === AttributeType.MESSAGE_INTEGRITY_SHA256) return this.#integritySha256At
    return this.#findFrom(this.firstAttribute, type)
  }

  /** The next attribute of the same type as the one at `at`, or -1. */
  findNext(at: number): number {
    return this.#findFrom(this.nextAttribute(at), this.typeAt(at))
  }

  /** Whether there is an attribute of this type, well-formed or not. */
  has(type: number): boolean {
    return this.find(type) !== NONE
  }

  #findFrom(first: number, type: number): number {
    for (let at = first; at !== NONE; at = this.nextAttribute(at)) if (this.typeAt(at) === type) return at
    return NONE
  }

  #refuse<Fault extends MessageFault>(fault: Fault): Fault {
    this.#bytes = NO_BYTES
    this.#start = this.#end = this.#type = 0
    this.#integrityAt = this.#integritySha256At = this.#fingerprintAt = NONE
    return fault
  }

  // RFC 8489 §6.3: the first two bits, a sensible length.
  #decodeHeader(bytes: Uint8Array, start: number, end: number): ClassicMessageFault | undefined {
    if (end - start < HEADER_BYTES) return 'tooShort'
    const type = readU16(bytes, start)
    if (type > 0x3fff) return 'notStun'
    const length = readU16(bytes, start + 2)
    if ((length & 3) !== 0 || start + HEADER_BYTES + length !== end) return 'badLength'
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#type = type
    this.#isClassic = !hasMagicCookie(bytes, start)
    return undefined
  }

  /** Checks that the attributes fill the message exactly, and remembers the three with rules of their own. */
  #decodeAttributes(): ClassicMessageFault | undefined {
    this.#integrityAt = this.#integritySha256At = this.#fingerprintAt = NONE
    const end = this.#end
    let at = this.#start + HEADER_BYTES
    while (at < end) {
      // RFC 8489 §14.7
      if (this.#fingerprintAt !== NONE) return 'fingerprintNotLast'
      const type = readU16(this.#bytes, at)
      if (type === AttributeType.FINGERPRINT) this.#fingerprintAt = at
      else if (this.#integritySha256At !== NONE) {
        // Ignored, whatever it is.
      } else if (type === AttributeType.MESSAGE_INTEGRITY_SHA256) this.#integritySha256At = at
      else if (type === AttributeType.MESSAGE_INTEGRITY && this.#integrityAt === NONE) this.#integrityAt = at
      at += 4 + paddedLength(readU16(this.#bytes, at + 2))
    }
    return at === end ? undefined : 'attributeOverrun'
  }
}

/** Whether the message that begins at `start` has the magic cookie in its header. */
export function hasMagicCookie(bytes: Uint8Array, start: number): boolean {
  return (
    bytes[start + 4] === 0x21 &&
    bytes[start + 5] === 0x12 &&
    bytes[start + 6] === 0xa4 &&
    bytes[start + 7] === 0x42
  )
}

// RFC 8489 §14: values are padded to a multiple of 4 bytes; the length does not count the padding.
function paddedLength(length: number): number {
  return (length + 3) & ~3
}

function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
