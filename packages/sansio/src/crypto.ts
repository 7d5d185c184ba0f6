/** The synchronous primitives that the pure layers need; the platform brings them. */
export interface Crypto {
  /** HMAC-SHA-1 (RFC 2104): 20 bytes. */
  hmacSha1(key: Uint8Array, message: Uint8Array): Uint8Array
  /** HMAC-SHA-256 (RFC 2104): 32 bytes. */
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array
  /** SHA-256: 32 bytes. */
  sha256(message: Uint8Array): Uint8Array
  /** MD5: 16 bytes. Only for STUN's long-term key (RFC 8489 §9.2.2), where the standard fixes it. */
  md5(message: Uint8Array): Uint8Array
}
