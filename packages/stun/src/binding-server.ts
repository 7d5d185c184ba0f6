import { crc32 } from '@crowfly/bytes'
import type { Datagram, Machine, Millis, PathId, PathTable } from '@crowfly/sansio'
import { AttributeType, isKnownAttribute } from './attribute-type.ts'
import { ErrorCode, encodeErrorCode } from './attributes/error-code.ts'
import { checkFingerprint, encodeFingerprint, FINGERPRINT_XOR } from './attributes/fingerprint.ts'
import { encodeSoftware } from './attributes/software.ts'
import {
  encodeUnknownAttributes,
  hasUnknownAttributes,
  listUnknownAttributes,
} from './attributes/unknown-attributes.ts'
import { type ClassicMessageFault, HEADER_BYTES, StunMessage, TRANSACTION_ID_BYTES } from './message.ts'
import { encodeMessageType, Method } from './message-type.ts'
import { StunMessageWriter } from './message-writer.ts'

/** Settings of a `BindingServer`. */
export interface BindingServerOptions {
  /** Where the addresses of each request's path are looked up. */
  paths: PathTable
  /**
   * What SOFTWARE says in responses, under 128 characters. Left out by default, which RFC 8489 §16.1.2 asks to make
   * possible, and which keeps responses small for those whose address was forged.
   */
  software?: string
}

/** A binding server has nothing to tell: what it saw is in `counters`. */
export type BindingServerEvent = never

/** Why a message was dropped as malformed. */
export type BindingServerFault = ClassicMessageFault | 'wrongFingerprint'

/** What a `BindingServer` has seen since it was made, for metrics: a fixed set of counts. */
export interface BindingServerCounters {
  /** Requests answered with the client's address. */
  succeeded: number
  /** Requests answered with 420 (Unknown Attribute). */
  refused: number
  /** Binding indications, which get no answer. */
  indications: number
  /** Well-formed messages of another class or method, which get no answer. */
  unsupported: number
  /** What was no STUN message, by reason. */
  malformed: Record<BindingServerFault, number>
}

const BINDING_REQUEST = encodeMessageType(Method.BINDING, 'request')
const BINDING_INDICATION = encodeMessageType(Method.BINDING, 'indication')
const BINDING_SUCCESS = encodeMessageType(Method.BINDING, 'successResponse')

// DEVIATION: §6.3.1 has a 420 list every unknown attribute. It lists the first 32, so that the response is bounded.
const MAX_UNKNOWN_LISTED = 32

const FINGERPRINT_BYTES = 8
// Header, an IPv6 address, FINGERPRINT; the 420 with its list is longer: 20 + 8 + 4 + 64 + 8.
const REPLY_BYTES = 128

/**
 * Answers Binding requests with the address that they came from: RFC 8489 §6.3.1 and §12, without credentials.
 *
 * The answer goes out on the path of the request, so for UDP from the address that was asked. It lies in one buffer of
 * this object's: a request that comes before the last answer was drained takes its place. Nothing is allocated on the
 * way, but for requests with unknown attributes.
 *
 * Clients of RFC 3489, whose messages lack the magic cookie, get MAPPED-ADDRESS in place of XOR-MAPPED-ADDRESS and their
 * 16-byte transaction id back (RFC 8489 §12 with §11, RFC 5389 §12.2); CHANGE-REQUEST and RESPONSE-ADDRESS are unknown.
 * FINGERPRINT is in the answer if it was in the request; a wrong one drops the request.
 */
export class BindingServer implements Machine<BindingServerEvent> {
  readonly #paths: PathTable
  /** SOFTWARE as it goes into each response: whole attributes, one or none. */
  readonly #software: Uint8Array
  readonly #request = new StunMessage()
  readonly #reply: Uint8Array
  /** Zero when there is nothing to send. */
  #replyEnd = 0
  #replyPath: PathId = 0
  readonly #counters: BindingServerCounters = {
    succeeded: 0,
    refused: 0,
    indications: 0,
    unsupported: 0,
    malformed: {
      tooShort: 0,
      notStun: 0,
      badLength: 0,
      attributeOverrun: 0,
      fingerprintNotLast: 0,
      wrongFingerprint: 0,
    },
  }

  constructor(options: BindingServerOptions) {
    this.#paths = options.paths
    this.#software = softwareAttributes(options.software)
    this.#reply = new Uint8Array(REPLY_BYTES + this.#software.length)
  }

  /** Live counts; read them, do not write them. */
  get counters(): Readonly<BindingServerCounters> {
    return this.#counters
  }

  handleDatagram(input: Datagram, _now: Millis): void {
    this.#replyEnd = 0
    const fault = this.#request.decodeWithClassic(input.bytes, input.start, input.end)
    if (fault !== undefined) {
      this.#counters.malformed[fault]++
      return
    }
    const fingerprint = checkFingerprint(this.#request)
    if (fingerprint === 'wrong') {
      this.#counters.malformed.wrongFingerprint++
      return
    }
    const type = this.#request.type
    if (type === BINDING_REQUEST) this.#answer(input.path, fingerprint === 'right')
    // RFC 8489 §6.3.2: no response to an indication, whatever is in it.
    else if (type === BINDING_INDICATION) this.#counters.indications++
    // RFC 8489 §6.3: a method that is not supported, and responses to no request, are discarded.
    else this.#counters.unsupported++
  }

  handleTimeout(_now: Millis): void {}

  pollTransmit(out: Datagram): boolean {
    if (this.#replyEnd === 0) return false
    out.bytes = this.#reply
    out.start = 0
    out.end = this.#replyEnd
    out.path = this.#replyPath
    this.#replyEnd = 0
    return true
  }

  pollEvent(): undefined {
    return undefined
  }

  pollTimeout(): Millis {
    return Number.POSITIVE_INFINITY
  }

  #answer(path: PathId, hasFingerprint: boolean): void {
    this.#replyPath = path
    if (hasUnknownAttributes(this.#request, isKnownAttribute)) {
      this.#replyEnd = this.#writeRefusal(hasFingerprint)
      this.#counters.refused++
    } else {
      this.#replyEnd = this.#writeSuccess(path, hasFingerprint)
      this.#counters.succeeded++
    }
  }

  // RFC 8489 §6.3.1.1. Written byte by byte into the prepared buffer: this is what is asked a million times.
  #writeSuccess(path: PathId, hasFingerprint: boolean): number {
    const reply = this.#reply
    const { bytes, start, isClassic } = this.#request
    for (let i = 4; i < HEADER_BYTES; i++) reply[i] = bytes[start + i] ?? 0
    const addressBytes = this.#paths.writeRemoteAddress(path, reply, HEADER_BYTES + 8)
    let port = this.#paths.remotePort(path)
    if (!isClassic) {
      for (let i = 0; i < addressBytes; i++) reply[28 + i] = (reply[28 + i] ?? 0) ^ (reply[4 + i] ?? 0)
      port ^= 0x2112
    }
    writeU16(reply, 20, isClassic ? AttributeType.MAPPED_ADDRESS : AttributeType.XOR_MAPPED_ADDRESS)
    writeU16(reply, 22, 4 + addressBytes)
    writeU16(reply, 24, addressBytes === 4 ? 0x01 : 0x02)
    writeU16(reply, 26, port)
    let end = 28 + addressBytes
    const software = this.#software
    for (let i = 0; i < software.length; i++) reply[end + i] = software[i] ?? 0
    end += software.length
    writeU16(reply, 0, BINDING_SUCCESS)
    writeU16(reply, 2, end - HEADER_BYTES + (hasFingerprint ? FINGERPRINT_BYTES : 0))
    return hasFingerprint ? writeFingerprint(reply, end) : end
  }

  // RFC 8489 §6.3.1, §14.8, §14.13. DEVIATION: no phrase (§6.3.1.1), so that forging an address multiplies nothing.
  #writeRefusal(hasFingerprint: boolean): number {
    const unknown = listUnknownAttributes(this.#request, isKnownAttribute, MAX_UNKNOWN_LISTED)
    // RFC 3489 §11.2.10: an even number of types, the last one twice if need be.
    if (this.#request.isClassic && unknown.length % 2 === 1) unknown.push(...unknown.slice(-1))
    const writer = new StunMessageWriter(this.#reply)
    writer.writeResponseHeader(this.#request, 'errorResponse')
    encodeErrorCode(writer, ErrorCode.UNKNOWN_ATTRIBUTE, '')
    encodeUnknownAttributes(writer, unknown)
    writer.writeAttributes(this.#software)
    if (hasFingerprint) encodeFingerprint(writer)
    return writer.end
  }
}

/** The attributes of a message that has SOFTWARE, or nothing else. */
function softwareAttributes(software: string | undefined): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(1024))
  writer.writeHeader(Method.BINDING, 'successResponse', new Uint8Array(TRANSACTION_ID_BYTES))
  if (software !== undefined) encodeSoftware(writer, software)
  return writer.message.slice(HEADER_BYTES)
}

// RFC 8489 §14.7
function writeFingerprint(reply: Uint8Array, at: number): number {
  const value = crc32(reply, 0, at) ^ FINGERPRINT_XOR
  writeU16(reply, at, AttributeType.FINGERPRINT)
  writeU16(reply, at + 2, 4)
  writeU16(reply, at + 4, value >>> 16)
  writeU16(reply, at + 6, value)
  return at + FINGERPRINT_BYTES
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}
