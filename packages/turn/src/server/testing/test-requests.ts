import type { Crypto, TransportAddress } from '@crowfly/sansio'
import {
  deriveLongTermKey,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  encodeNonce,
  encodePasswordAlgorithm,
  encodePasswordAlgorithms,
  encodeRealm,
  encodeUsername,
  PasswordAlgorithmNumber,
  StunMessageWriter,
} from '@crowfly/stun'
import { encodeChannelNumber } from '../../proto/attributes/channel-number.ts'
import { encodeData } from '../../proto/attributes/data.ts'
import { encodeLifetime } from '../../proto/attributes/lifetime.ts'
import { encodeRequestedTransport, TransportProtocol } from '../../proto/attributes/requested-transport.ts'
import { encodeXorPeerAddress } from '../../proto/attributes/xor-peer-address.ts'
import { TurnMethod } from '../../proto/turn-method.ts'
import { OFFERED_ALGORITHMS } from '../authenticator.ts'

/** Writes attributes. */
export type Write = (writer: StunMessageWriter) => void

/** How a request is signed. */
export interface Signature {
  username: string
  realm: string
  password: string
  nonce: string
  crypto: Crypto
  /** SHA-256 for the key and for the message; else MD5 and SHA-1. */
  isSha256?: boolean
}

/** The bytes of a message without credentials. */
export function messageOf(
  method: number,
  messageClass: 'request' | 'indication',
  transactionId: Uint8Array,
  write: Write,
): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(4096))
  writer.writeHeader(method, messageClass, transactionId)
  write(writer)
  return writer.message.slice()
}

/** The attributes that sign what is written before them. */
export function sign(writer: StunMessageWriter, signature: Signature): void {
  const { username, realm, nonce, crypto, isSha256 = false } = signature
  const number = isSha256 ? PasswordAlgorithmNumber.SHA256 : PasswordAlgorithmNumber.MD5
  const key = deriveLongTermKey(signature, number, crypto) ?? new Uint8Array(16)
  encodeUsername(writer, username)
  encodeRealm(writer, realm)
  encodeNonce(writer, nonce)
  if (isSha256) {
    encodePasswordAlgorithms(writer, OFFERED_ALGORITHMS)
    encodePasswordAlgorithm(writer, { number, parameters: new Uint8Array(0) })
    encodeMessageIntegritySha256(writer, key, crypto)
  } else encodeMessageIntegrity(writer, key, crypto)
}

/** The attributes of each request, without credentials. */
export const requests = {
  allocate:
    (more: Write = () => {}): Write =>
    (writer) => {
      encodeRequestedTransport(writer, TransportProtocol.UDP)
      more(writer)
    },
  refresh:
    (lifetimeSeconds?: number, more: Write = () => {}): Write =>
    (writer) => {
      if (lifetimeSeconds !== undefined) encodeLifetime(writer, lifetimeSeconds)
      more(writer)
    },
  createPermission:
    (...peers: TransportAddress[]): Write =>
    (writer) => {
      for (const peer of peers) encodeXorPeerAddress(writer, peer)
    },
  channelBind:
    (channel: number, peer: TransportAddress): Write =>
    (writer) => {
      encodeChannelNumber(writer, channel)
      encodeXorPeerAddress(writer, peer)
    },
} as const

/** A Send indication. */
export function sendIndication(
  peer: TransportAddress,
  data: Uint8Array,
  transactionId: Uint8Array,
  more: Write = () => {},
): Uint8Array {
  return messageOf(TurnMethod.SEND, 'indication', transactionId, (writer) => {
    encodeXorPeerAddress(writer, peer)
    encodeData(writer, data)
    more(writer)
  })
}

/** ChannelData, padded on streams. */
export function channelData(channel: number, data: Uint8Array, isPadded: boolean): Uint8Array {
  const bytes = new Uint8Array(4 + data.length + (isPadded ? -data.length & 3 : 0))
  bytes.set([channel >>> 8, channel & 0xff, data.length >>> 8, data.length & 0xff])
  bytes.set(data, 4)
  return bytes
}
