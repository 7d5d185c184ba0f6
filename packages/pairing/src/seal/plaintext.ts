import { ByteReader, ByteWriter } from '@crowfly/bytes'
import { PairingError } from '../pairing-error.ts'
import { type MessageType, messageCode, messageTypeOf } from './message-type.ts'

/*
 *  0      1                 9             13
 * +------+-----------------+-------------+----------+---------+
 * | type | ack (64)        | length (32) | body     | zeros   |
 * +------+-----------------+-------------+----------+---------+
 */
const headerBytes = 13

/** Octets of the largest plaintext: an envelope of it, in an `open` or `reply`, stays below 64 KiB. */
export const maxPlaintextBytes = 63 * 1024

/** Octets of the largest body. */
export const maxBodyBytes = maxPlaintextBytes - headerBytes

/** Plaintexts of descriptions have one of these lengths, so that an envelope's length does not tell what is in it. */
const descriptionLengths = [8 * 1024, 16 * 1024, 32 * 1024, maxPlaintextBytes]

/** Every other plaintext is filled up to a multiple of this. */
export const paddingBytes = 1024

/** What one sealed envelope says. */
export interface Plaintext {
  readonly type: MessageType
  /** The sender has everything up to this envelope of the other side's. */
  readonly ack: number
  readonly body: Uint8Array
}

/** The octets, filled up, the caller's to wipe. */
export function encodePlaintext({ type, ack, body }: Plaintext): Uint8Array {
  const length = paddedLength(type, body.length)
  if (length === undefined) {
    throw new PairingError('PAIRING_BODY', `${body.length} octets; at most ${maxBodyBytes} can be sealed`)
  }
  const octets = new Uint8Array(length)
  const writer = new ByteWriter(octets)
  writer.u8(messageCode(type))
  writer.u32(0)
  writer.u32(ack)
  writer.u32(body.length)
  writer.write(body)
  return octets
}

/** Undefined when this is no plaintext in its one form. The body is borrowed. */
export function decodePlaintext(octets: Uint8Array): Plaintext | undefined {
  const reader = new ByteReader(octets)
  const type = messageTypeOf(reader.u8())
  const high = reader.u32()
  const ack = reader.u32()
  const length = reader.u32()
  const body = reader.view(length)
  const zeros = reader.view(reader.remaining)
  if (reader.failed || type === undefined || high !== 0) return undefined
  if (paddedLength(type, length) !== octets.length || zeros.some((octet) => octet !== 0)) return undefined
  return { type, ack, body }
}

/** Octets of a plaintext once it is filled up; undefined when the body is too long. */
export function paddedLength(type: MessageType, bodyLength: number): number | undefined {
  const length = headerBytes + bodyLength
  if (type === 'offer' || type === 'answer') return descriptionLengths.find((fixed) => fixed >= length)
  return length > maxPlaintextBytes ? undefined : Math.ceil(length / paddingBytes) * paddingBytes
}
