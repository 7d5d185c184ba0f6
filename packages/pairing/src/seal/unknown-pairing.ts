import { ByteReader } from '@crowfly/bytes'
import { concat } from '../cpace/length-value.ts'
import { decodeEnvelope, pidBytes } from './envelope.ts'

/*
 *  0    1         9
 * +----+---------+
 * | 06 | pid (8) |
 * +----+---------+
 */

/** First octet of what says that a pairing is not known. */
export const unknownKind = 6

/**
 * What to answer to an envelope of a pairing that this side does not have (any more). Undefined when the octets are no
 * envelope.
 */
export function answerUnknown(envelope: Uint8Array): Uint8Array | undefined {
  const decoded = decodeEnvelope(envelope)
  return typeof decoded === 'string' ? undefined : encodeUnknown(decoded.pid)
}

/** Tells the other side that the pairing of this name is no more here. */
export function encodeUnknown(pid: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(unknownKind), pid)
}

/**
 * The name of a pairing that the other side says it does not have, borrowed; undefined when these octets say no such
 * thing. Nobody vouches for it: the server may have said so.
 */
export function decodeUnknown(octets: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(octets)
  const kind = reader.u8()
  const pid = reader.view(pidBytes)
  return reader.failed || reader.remaining > 0 || kind !== unknownKind ? undefined : pid
}
