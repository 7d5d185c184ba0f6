import { encodeUtf8 } from '@crowfly/bytes'
import { codePassword, type OpenRoom, type RoomCode } from '../code/room-code.ts'
import type { CpaceInput } from '../cpace/generator.ts'
import { concatLengthValue } from '../cpace/length-value.ts'
import { PairingError } from '../pairing-error.ts'

/** An open room is another place: what is made for one never fits a room with a secret. */
const codeLabel = encodeUtf8('crowfly-pair-1')
const openLabel = encodeUtf8('crowfly-open-1')
const suite = encodeUtf8('CPACE-RISTR255-SHA512')

/** What CPace runs under: the secret of a code, and where it belongs. */
export class RoomSecret {
  readonly kind: (RoomCode | OpenRoom)['kind']
  readonly nameplate: string
  readonly #password: Uint8Array

  /** Throws `PAIRING_PASSWORD` on a code without a secret. */
  constructor(code: RoomCode | OpenRoom) {
    this.kind = code.kind
    this.nameplate = code.nameplate
    this.#password = code.kind === 'open' ? new Uint8Array(0) : codePassword(code)
    if (this.#password.length === 0 && code.kind !== 'open') {
      throw new PairingError('PAIRING_PASSWORD', 'a code without a secret proves nothing')
    }
  }

  /** CPace's PRS and CI, and the run's sid. */
  input(sid: Uint8Array): CpaceInput {
    const label = this.kind === 'open' ? openLabel : codeLabel
    return {
      password: this.#password,
      channel: concatLengthValue(label, suite, encodeUtf8(this.nameplate)),
      sid,
    }
  }

  wipe(): void {
    this.#password.fill(0)
  }
}
