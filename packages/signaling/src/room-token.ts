import { ByteWriter, decodeBase64url, encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import type { MemberId } from './member-id.ts'
import { maxNameplateBytes } from './nameplate.ts'

const label = encodeUtf8('crowfly-room-2')
const maxInput = label.length + maxNameplateBytes + 2 + 16 + 4

/** Who was in which room, and as the how manieth: what a token vouches for. */
export interface Membership {
  readonly nameplate: string
  readonly memberId: MemberId
  readonly ordinal: number
  /** Whether somebody inside has confirmed them. */
  readonly isConfirmed: boolean
}

/** PROTOCOL.md §5.5: by these a server that has forgotten a room knows its members again. */
export class RoomTokens {
  readonly #crypto: Crypto
  readonly #key: Uint8Array

  constructor(crypto: Crypto, key: Uint8Array) {
    this.#crypto = crypto
    this.#key = key
  }

  /** HMAC-SHA-256(key, "crowfly-room-2" ‖ nameplate ‖ 0 ‖ isConfirmed ‖ memberId ‖ ordinal). */
  issue({ nameplate, memberId, ordinal, isConfirmed }: Membership): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(maxInput))
    writer.write(label)
    writer.write(encodeUtf8(nameplate))
    writer.u8(0)
    writer.u8(isConfirmed ? 1 : 0)
    writer.write(decodeBase64url(memberId) ?? new Uint8Array(16))
    writer.u32(ordinal)
    return this.#crypto.hmacSha256(this.#key, writer.written())
  }

  /** What `token` shows of whoever says this: nothing, that they were in the room, or confirmed there. */
  examine(token: Uint8Array, said: Omit<Membership, 'isConfirmed'>): 'none' | 'member' | 'confirmed' {
    if (token.length === 0) return 'none'
    if (equalConstantTime(token, this.issue({ ...said, isConfirmed: true }))) return 'confirmed'
    return equalConstantTime(token, this.issue({ ...said, isConfirmed: false })) ? 'member' : 'none'
  }
}
