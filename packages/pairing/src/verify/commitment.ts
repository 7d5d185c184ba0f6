import { encodeUtf8 } from '@crowfly/bytes'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatLengthValue } from '../cpace/length-value.ts'

const domain = encodeUtf8('crowfly-pair-1 commit')
const commitmentBytes = 32

/**
 * What a member says of its nonce before it knows the newcomer's. Without it, somebody who knows the code and stands
 * between two people could try shares until both see the same emoji.
 */
export function commitTo(nonce: Uint8Array, sid: Uint8Array): Uint8Array {
  return sha512(concatLengthValue(domain, sid, nonce)).slice(0, commitmentBytes)
}
