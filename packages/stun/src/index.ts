export {
  AttributeType,
  isComprehensionOptional,
  isKnownAttribute,
  isKnownInResponse,
} from './attribute-type.ts'
export { decodeAddress, decodeXorAddress, encodeAddress, encodeXorAddress } from './attributes/address.ts'
export { decodeAlternateDomain, encodeAlternateDomain } from './attributes/alternate-domain.ts'
export { decodeAlternateServer, encodeAlternateServer } from './attributes/alternate-server.ts'
export { decodeErrorCode, ErrorCode, encodeErrorCode, reasonPhrase } from './attributes/error-code.ts'
export { checkFingerprint, encodeFingerprint } from './attributes/fingerprint.ts'
export { decodeMappedAddress, encodeMappedAddress } from './attributes/mapped-address.ts'
export { encodeMessageIntegrity, hasMessageIntegrity } from './attributes/message-integrity.ts'
export {
  encodeMessageIntegritySha256,
  hasMessageIntegritySha256,
} from './attributes/message-integrity-sha256.ts'
export { decodeNonce, encodeNonce } from './attributes/nonce.ts'
export {
  decodePasswordAlgorithm,
  encodePasswordAlgorithm,
  type PasswordAlgorithm,
  PasswordAlgorithmNumber,
} from './attributes/password-algorithm.ts'
export {
  agreedPasswordAlgorithm,
  choosePasswordAlgorithm,
  decodePasswordAlgorithms,
  encodePasswordAlgorithms,
} from './attributes/password-algorithms.ts'
export { decodeRealm, encodeRealm } from './attributes/realm.ts'
export { decodeSoftware, encodeSoftware } from './attributes/software.ts'
export {
  decodeUnknownAttributes,
  encodeUnknownAttributes,
  hasUnknownAttributes,
  listUnknownAttributes,
} from './attributes/unknown-attributes.ts'
export { decodeUserhash, deriveUserhash, encodeUserhash } from './attributes/userhash.ts'
export { decodeUsername, encodeUsername } from './attributes/username.ts'
export { decodeXorMappedAddress, encodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
export { type BindingRequestOptions, decodeReflexiveAddress, encodeBindingRequest } from './binding.ts'
export {
  BindingServer,
  type BindingServerCounters,
  type BindingServerEvent,
  type BindingServerFault,
  type BindingServerOptions,
} from './binding-server.ts'
export {
  ClientTransaction,
  type ClientTransactionEvent,
  type ClientTransactionOptions,
  type TransactionCredential,
  type TransactionTiming,
} from './client-transaction.ts'
export { deriveLongTermKey, deriveShortTermKey, type LongTermCredential } from './credential-key.ts'
export { type Frame, FrameCutter, type FrameCutterOptions, type FramingFault } from './frame-cutter.ts'
export { hasIntegrity, type IntegrityAlgorithm, integrityAlgorithmOf } from './integrity.ts'
export { checkLongTermResponse, isBidDown } from './long-term-credential.ts'
export { measureMessage } from './measure-message.ts'
export {
  type ClassicMessageFault,
  HEADER_BYTES,
  MAGIC_COOKIE,
  MAX_MESSAGE_BYTES,
  type MessageFault,
  StunMessage,
  TRANSACTION_ID_BYTES,
} from './message.ts'
export { classOf, encodeMessageType, type MessageClass, Method, methodOf } from './message-type.ts'
export { StunMessageWriter } from './message-writer.ts'
export {
  decodeNonceCookie,
  encodeNonceCookie,
  NONCE_COOKIE_CHARACTERS,
  SecurityFeature,
} from './nonce-cookie.ts'
export { prepareOpaqueString } from './opaque-string.ts'
export { RoundTripEstimator } from './round-trip-estimator.ts'
export {
  checkShortTermRequest,
  checkShortTermResponse,
  type ResponseVerdict,
} from './short-term-credential.ts'
export { StunStreamFramer, type StunStreamFramerOptions } from './stream-framer.ts'
export { StunError, type StunErrorCode } from './stun-error.ts'
export { createTransactionId } from './transaction-id.ts'
