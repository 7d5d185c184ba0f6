import { encodeUtf8 } from '@crowfly/bytes'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat } from '../cpace/length-value.ts'
import type { Role } from '../role.ts'

const label = 'crowfly-pair-1'
const keyBytes = 32

/** The keys of one pairing, seen from one side; a key for each direction and purpose. */
export class PairingKeys {
  readonly sealOut: Uint8Array
  readonly sealIn: Uint8Array
  readonly bindOut: Uint8Array
  readonly bindIn: Uint8Array
  /** Kept until both nonces of the emoji are known. */
  readonly #root: Uint8Array

  /** RFC 5869 over CPace's ISK (CPace §10.3), which is wiped. */
  constructor(sessionKey: Uint8Array, role: Role) {
    const root = extract(sha512, sessionKey, encodeUtf8(label))
    sessionKey.fill(0)
    const [out, back] = role === 'member' ? ['a>b', 'b>a'] : ['b>a', 'a>b']
    this.#root = root
    this.sealOut = derive(root, `seal ${out}`)
    this.sealIn = derive(root, `seal ${back}`)
    this.bindOut = derive(root, `bind ${out}`)
    this.bindIn = derive(root, `bind ${back}`)
  }

  /** Octets for the emoji, both nonces in. Once only: what they are made from is wiped. */
  deriveEmoji(memberNonce: Uint8Array, newcomerNonce: Uint8Array, length: number): Uint8Array {
    const info = concat(encodeUtf8(`${label} emoji`), memberNonce, newcomerNonce)
    const octets = expand(sha512, this.#root, info, length)
    this.#root.fill(0)
    return octets
  }

  wipe(): void {
    for (const key of [this.sealOut, this.sealIn, this.bindOut, this.bindIn, this.#root]) key.fill(0)
  }
}

function derive(root: Uint8Array, purpose: string): Uint8Array {
  return expand(sha512, root, encodeUtf8(`${label} ${purpose}`), keyBytes)
}
