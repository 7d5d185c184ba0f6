import { ByteReader, encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import { concatLengthValue, readLengthValue } from '../cpace/length-value.ts'
import type { Door } from './door.ts'
import { isVersionList } from './versions.ts'

/** Octets of a member's id: random, for one page load. */
export const memberIdBytes = 16
/** Octets of each nonce of the emoji, and of the commitment to one. */
export const nonceBytes = 32
/** More than any associated data has. */
export const maxAssociatedBytes = 255

const memberRole = encodeUtf8('A')
const newcomerRole = encodeUtf8('B')

/** CPace's ADa: what a ticket says of its member. */
export interface MemberAssociated {
  readonly id: Uint8Array
  /** All that the member speaks, ascending. */
  readonly versions: readonly number[]
  readonly door: Door
  /** To the member's nonce. */
  readonly commitment: Uint8Array
}

/** CPace's ADb: what an `open` says of its newcomer. */
export interface NewcomerAssociated {
  readonly id: Uint8Array
  /** The one that this pairing is in. */
  readonly version: number
  readonly versions: readonly number[]
  readonly nonce: Uint8Array
}

/** Why octets are no associated data. `wrongRole` is what a message sent back to its sender has. */
export type MalformedAssociated = 'wrongRole' | 'badAssociated'

/** `lv_cat("A", id, versions, door, commitment)` */
export function encodeMemberAssociated(associated: MemberAssociated): Uint8Array {
  const door = Uint8Array.of(associated.door === 'knock' ? 1 : 0)
  const versions = Uint8Array.from(associated.versions)
  return concatLengthValue(memberRole, associated.id, versions, door, associated.commitment)
}

/** `lv_cat("B", id, version, versions, nonce)` */
export function encodeNewcomerAssociated(associated: NewcomerAssociated): Uint8Array {
  const version = Uint8Array.of(associated.version)
  const versions = Uint8Array.from(associated.versions)
  return concatLengthValue(newcomerRole, associated.id, version, versions, associated.nonce)
}

/** What is returned is the caller's to keep. */
export function decodeMemberAssociated(octets: Uint8Array): MemberAssociated | MalformedAssociated {
  const parts = decodeParts(octets)
  const [role, id, versions, door, commitment] = parts
  if (role === undefined || !equalConstantTime(role, memberRole)) return 'wrongRole'
  if (parts.length !== 5 || id === undefined || id.length !== memberIdBytes) return 'badAssociated'
  if (versions === undefined || !isVersionList(versions)) return 'badAssociated'
  if (door?.length !== 1 || (door[0] ?? 2) > 1) return 'badAssociated'
  if (commitment?.length !== nonceBytes) return 'badAssociated'
  return {
    id: id.slice(),
    versions: [...versions],
    door: door[0] === 1 ? 'knock' : 'open',
    commitment: commitment.slice(),
  }
}

/** What is returned is the caller's to keep. */
export function decodeNewcomerAssociated(octets: Uint8Array): NewcomerAssociated | MalformedAssociated {
  const parts = decodeParts(octets)
  const [role, id, version, versions, nonce] = parts
  if (role === undefined || !equalConstantTime(role, newcomerRole)) return 'wrongRole'
  if (parts.length !== 5 || id === undefined || id.length !== memberIdBytes) return 'badAssociated'
  if (versions === undefined || !isVersionList(versions)) return 'badAssociated'
  if (version?.length !== 1 || !versions.includes(version[0] ?? 0)) return 'badAssociated'
  if (nonce?.length !== nonceBytes) return 'badAssociated'
  return { id: id.slice(), version: version[0] ?? 0, versions: [...versions], nonce: nonce.slice() }
}

/** The parts of an `lv_cat`; none when it is not in its one form. */
function decodeParts(octets: Uint8Array): readonly Uint8Array[] {
  const reader = new ByteReader(octets)
  const parts: Uint8Array[] = []
  while (reader.remaining > 0) parts.push(readLengthValue(reader, maxAssociatedBytes))
  return reader.failed ? [] : parts
}
