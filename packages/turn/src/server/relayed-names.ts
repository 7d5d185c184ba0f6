/*
 * In rooms mode a relayed transport address is a name: no socket is behind it, and only this server knows what it means.
 * It is out of space that nobody has (RFC 5737, RFC 3849), so that no host can mistake it for one of its own; browsers
 * take both for candidates like any other.
 */

/** 198.51.100.1 */
export const RELAYED_NAME_IPV4: Uint8Array = Uint8Array.of(198, 51, 100, 1)

/** 2001:db8::1 */
export const RELAYED_NAME_IPV6: Uint8Array = Uint8Array.of(
  0x20,
  0x01,
  0x0d,
  0xb8,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
)

/** The ports of both. */
export const RELAYED_NAME_PORTS = { least: 1024, most: 65_535 } as const
