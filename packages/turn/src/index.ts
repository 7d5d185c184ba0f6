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
  MAX_CHANNEL_NUMBER,
  MIN_CHANNEL_NUMBER,
} from './proto/channel-data.ts'
export { encodeIndicationInPlace, indicationHeaderBytes } from './proto/indication.ts'
export { isKnownTurnAttribute, TurnAttributeType } from './proto/turn-attribute-type.ts'
export { TurnErrorCode, turnReasonPhrase } from './proto/turn-error-code.ts'
export { TurnMethod } from './proto/turn-method.ts'
export { TurnStreamFramer, type TurnStreamFramerOptions } from './proto/turn-stream-framer.ts'
export type { RelayDatagram, RelayId, TurnServerEvent } from './server/relay.ts'
export type { TurnAccount, TurnAccounts } from './server/turn-account.ts'
export { TurnError, type TurnMisuse } from './turn-error.ts'
