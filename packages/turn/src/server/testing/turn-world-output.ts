import { formatTransportAddress, type TransportAddress } from '@crowfly/sansio'
import { decodeErrorCode, decodeNonce, StunMessage } from '@crowfly/stun'
import { formatHex } from '@crowfly/testkit'
import { decodeData } from '../../proto/attributes/data.ts'
import { decodeReservationToken } from '../../proto/attributes/reservation-token.ts'
import { decodeXorPeerAddress } from '../../proto/attributes/xor-peer-address.ts'
import { decodeXorRelayedAddress } from '../../proto/attributes/xor-relayed-address.ts'
import { ChannelDataMessage, isChannelData } from '../../proto/channel-data.ts'
import { TurnAttributeType } from '../../proto/turn-attribute-type.ts'
import type { ModelResponse } from './turn-model.ts'

/** What a client reads in a response. */
export interface Answer extends ModelResponse {
  readonly nonce: string | undefined
}

export function readAnswer(bytes: Uint8Array): Answer {
  const message = new StunMessage()
  const fault = message.decode(bytes)
  if (fault !== undefined) throw new RangeError(`a response that is ${fault}`)
  const token = decodeReservationToken(message)
  return {
    code: decodeErrorCode(message)?.code,
    nonce: decodeNonce(message),
    relayed: relayedIn(message),
    token: token && formatHex(token),
  }
}

/** Payload that comes to a client over a channel, or from a peer. */
export type Delivery = { readonly data: string } & (
  | { readonly channel: number }
  | { readonly channel: undefined; readonly from: string }
)

export function readDelivery(bytes: Uint8Array): Delivery {
  if (isChannelData(bytes, 0, bytes.length)) {
    const message = new ChannelDataMessage()
    if (message.decode(bytes) !== undefined) throw new RangeError('ChannelData that is none')
    const { channel, dataStart, dataEnd } = message
    return { channel, data: formatHex(bytes.slice(dataStart, dataEnd)) }
  }
  const message = new StunMessage()
  if (message.decode(bytes) !== undefined) throw new RangeError('STUN that is none')
  const peer = decodeXorPeerAddress(message)
  const at = decodeData(message)
  const from = peer === undefined ? '' : formatTransportAddress(peer)
  return { channel: undefined, from, data: formatHex(bytes.slice(at?.start ?? 0, at?.end ?? 0)) }
}

function relayedIn(message: StunMessage): TransportAddress[] {
  const found: TransportAddress[] = []
  let at = message.find(TurnAttributeType.XOR_RELAYED_ADDRESS)
  for (; at >= 0; at = message.findNext(at)) {
    const relayed = decodeXorRelayedAddress(message, at)
    if (relayed !== undefined) found.push(relayed)
  }
  return found
}
