import { nodeCrypto, nodeRandom } from '@crowfly/node-io'
import type { TransportAddress } from '@crowfly/sansio'
import {
  AttributeType,
  createTransactionId,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  encodeRealm,
  encodeUsername,
  encodeXorAddress,
  type MessageClass,
  StunMessageWriter,
} from '@crowfly/stun'
import { TurnAttributeType } from '@crowfly/turn'

/** What a request is authenticated with, RFC 8489 §9.2. */
export interface Auth {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly key: Uint8Array
}

const utf8 = new TextEncoder()

/** Writes what comes behind the header. */
export type Write = (writer: StunMessageWriter) => void

/** First byte of a response to any method of STUN and TURN: the upper bit of its class. RFC 8489 §5. */
export const RESPONSE_FIRST_BYTE = 0x01

/** A message of its own buffer. `auth` is written behind what `write` writes, with MESSAGE-INTEGRITY at the end. */
export function buildMessage(
  method: number,
  messageClass: MessageClass,
  write: Write,
  auth?: Auth,
  integrity: 'sha1' | 'sha256' = 'sha1',
): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(66_000))
  writer.writeHeader(method, messageClass, createTransactionId(nodeRandom))
  write(writer)
  if (auth !== undefined) {
    writeCredentials(writer, auth)
    const encode = integrity === 'sha1' ? encodeMessageIntegrity : encodeMessageIntegritySha256
    encode(writer, auth.key, nodeCrypto)
  }
  if (writer.failed) throw new RangeError('a message of more than 66,000 bytes')
  return writer.message.slice()
}

/** USERNAME, REALM and NONCE. */
export function writeCredentials(writer: StunMessageWriter, auth: Auth): void {
  encodeUsername(writer, auth.username)
  encodeRealm(writer, auth.realm)
  // Not by `encodeNonce`, which writes only what a nonce may be.
  writer.writeAttribute(AttributeType.NONCE, utf8.encode(auth.nonce))
}

/** Writes 17, UDP: what every Allocate asks for. RFC 8656 §18.8. */
export function writeUdp(writer: StunMessageWriter): void {
  writer.writeAttribute(TurnAttributeType.REQUESTED_TRANSPORT, Uint8Array.of(17, 0, 0, 0))
}

/** RFC 8656 §18.6: 1 is IPv4, 2 is IPv6. */
export function writeFamily(writer: StunMessageWriter, family: 4 | 6): void {
  const value = Uint8Array.of(family === 4 ? 1 : 2, 0, 0, 0)
  writer.writeAttribute(TurnAttributeType.REQUESTED_ADDRESS_FAMILY, value)
}

/** RFC 8656 §18.7: an even port, and the next one kept for RESERVATION-TOKEN. */
export function writeReservation(writer: StunMessageWriter): void {
  writer.writeAttribute(TurnAttributeType.EVEN_PORT, Uint8Array.of(0x80))
}

export function writePeer(writer: StunMessageWriter, peer: TransportAddress): void {
  encodeXorAddress(writer, TurnAttributeType.XOR_PEER_ADDRESS, peer)
}

export function writeChannel(writer: StunMessageWriter, channel: number): void {
  writer.writeAttribute(TurnAttributeType.CHANNEL_NUMBER, Uint8Array.of(channel >>> 8, channel, 0, 0))
}

export function writeLifetime(writer: StunMessageWriter, seconds: number): void {
  const value = new Uint8Array(4)
  new DataView(value.buffer).setUint32(0, seconds)
  writer.writeAttribute(TurnAttributeType.LIFETIME, value)
}

export function writeData(writer: StunMessageWriter, data: Uint8Array): void {
  writer.writeAttribute(TurnAttributeType.DATA, data)
}

/** ChannelData, RFC 8656 §12.4, with whatever length is claimed; padded on streams. */
export function buildChannelData(
  channel: number,
  data: Uint8Array,
  options: { claimed?: number; isPadded?: boolean } = {},
): Uint8Array {
  const claimed = options.claimed ?? data.length
  const size = 4 + data.length
  const bytes = new Uint8Array(options.isPadded === true ? (size + 3) & ~3 : size)
  bytes.set([channel >>> 8, channel, claimed >>> 8, claimed])
  bytes.set(data, 4)
  return bytes
}

/** The message with its integrity attribute gone, and the length right again. */
export function withoutIntegrity(message: Uint8Array): Uint8Array {
  const bytes = message.slice(0, message.length - 24)
  new DataView(bytes.buffer).setUint16(2, bytes.length - 20)
  return bytes
}

/** The message without integrity and with this value in an attribute in its place. */
export function withForgedIntegrity(message: Uint8Array, value: Uint8Array, type?: number): Uint8Array {
  const padded = (value.length + 3) & ~3
  const base = withoutIntegrity(message)
  const bytes = new Uint8Array(base.length + 4 + padded)
  bytes.set(base)
  const view = new DataView(bytes.buffer)
  view.setUint16(base.length, type ?? AttributeType.MESSAGE_INTEGRITY)
  view.setUint16(base.length + 2, value.length)
  bytes.set(value, base.length + 4)
  view.setUint16(2, bytes.length - 20)
  return bytes
}
