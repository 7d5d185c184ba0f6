import { decodeBase64url, encodeBase64url } from '@crowfly/bytes'
import type { Random } from '@crowfly/sansio'
import { borrowed, mapped } from './schema.ts'

/** 16 random octets as base64url (22 characters), chosen by the client for one stay in one room. */
export type MemberId = string

/** 16 octets on the wire, base64url in the program. */
export const memberIdField = mapped<Uint8Array, MemberId>(
  borrowed(16),
  (bytes) => encodeBase64url(bytes),
  decodeBase64url,
  '',
)

/** A member id out of the CSPRNG. */
export function generateMemberId(random: Random): MemberId {
  const bytes = new Uint8Array(16)
  random.fill(bytes)
  return encodeBase64url(bytes)
}

/** Negative, 0 or positive: the order of the octets, which is not that of the texts. */
export function compareMemberIds(a: MemberId, b: MemberId): number {
  const first = decodeBase64url(a) ?? new Uint8Array(0)
  const second = decodeBase64url(b) ?? new Uint8Array(0)
  const place = first.findIndex((octet, index) => octet !== second[index])
  return place < 0 ? 0 : (first[place] ?? 0) - (second[place] ?? 0)
}
