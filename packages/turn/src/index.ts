export type { Allocated } from './client/allocated.ts'
export type { ExchangeFault } from './client/exchange.ts'
export type { ChallengeFault } from './client/long-term-session.ts'
export type { RequestedRelay } from './client/requested-relay.ts'
export { TurnClient } from './client/turn-client.ts'
export type { TurnClientEnd, TurnClientEvent } from './client/turn-client-event.ts'
export type {
  PeerData,
  SendVerdict,
  TurnClientCounters,
  TurnClientOptions,
} from './client/turn-client-options.ts'
export type { TurnRefusal } from './client/turn-refusal.ts'
export type { AddressFamily } from './proto/address-family.ts'
export {
  decodeAdditionalAddressFamily,
  encodeAdditionalAddressFamily,
} from './proto/attributes/additional-address-family.ts'
export {
  type AddressError,
  decodeAddressErrorCode,
  encodeAddressErrorCode,
} from './proto/attributes/address-error-code.ts'
export { decodeChannelNumber, encodeChannelNumber } from './proto/attributes/channel-number.ts'
export { decodeData, encodeData } from './proto/attributes/data.ts'
export { encodeDontFragment, hasDontFragment } from './proto/attributes/dont-fragment.ts'
export { decodeEvenPort, encodeEvenPort } from './proto/attributes/even-port.ts'
export { decodeIcmp, encodeIcmp, type IcmpError } from './proto/attributes/icmp.ts'
export { decodeLifetime, encodeLifetime } from './proto/attributes/lifetime.ts'
export {
  decodeRequestedAddressFamily,
  encodeRequestedAddressFamily,
} from './proto/attributes/requested-address-family.ts'
export {
  decodeRequestedTransport,
  encodeRequestedTransport,
  TransportProtocol,
} from './proto/attributes/requested-transport.ts'
export {
  decodeReservationToken,
  encodeReservationToken,
  RESERVATION_TOKEN_BYTES,
} from './proto/attributes/reservation-token.ts'
export { decodeXorPeerAddress, encodeXorPeerAddress } from './proto/attributes/xor-peer-address.ts'
export { decodeXorRelayedAddress, encodeXorRelayedAddress } from './proto/attributes/xor-relayed-address.ts'
export {
  CHANNEL_DATA_HEADER_BYTES,
  type ChannelDataFault,
  ChannelDataMessage,
  channelDataPadding,
  encodeChannelDataInPlace,
  isChannelData,
  isChannelNumber,
  isClassicChannelNumber,
  MAX_CHANNEL_NUMBER,
  MAX_CLASSIC_CHANNEL_NUMBER,
  MIN_CHANNEL_NUMBER,
} from './proto/channel-data.ts'
export { encodeIndicationInPlace, indicationHeaderBytes } from './proto/indication.ts'
export { isKnownTurnAttribute, TurnAttributeType } from './proto/turn-attribute-type.ts'
export { TurnErrorCode, turnReasonPhrase } from './proto/turn-error-code.ts'
export { TurnMethod } from './proto/turn-method.ts'
export { TurnStreamFramer, type TurnStreamFramerOptions } from './proto/turn-stream-framer.ts'
export { type Cidr, isInCidr, parseCidr } from './server/cidr.ts'
export { PeerFilter, type PeerFilterOptions, type PeerVerdict } from './server/peer-filter.ts'
export type { PeerPolicy, PublicPolicy, RoomsPolicy } from './server/peer-policy.ts'
export type { RelayDatagram, RelayId, TurnServerEvent } from './server/relay.ts'
export { RELAYED_NAME_IPV4, RELAYED_NAME_IPV6, RELAYED_NAME_PORTS } from './server/relayed-names.ts'
export type { TurnAccount, TurnAccounts } from './server/turn-account.ts'
export { DEFAULT_TURN_LIMITS, type TurnLimits } from './server/turn-limits.ts'
export { TurnServer, type TurnServerOptions, type TurnServerSizes } from './server/turn-server.ts'
export {
  createTurnServerCounters,
  type DropReason,
  type ReplyCount,
  type TurnServerCounters,
  type UnauthenticatedReply,
} from './server/turn-server-counters.ts'
export { TurnError, type TurnMisuse } from './turn-error.ts'
