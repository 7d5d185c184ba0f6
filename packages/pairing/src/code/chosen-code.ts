import { prepareOpaqueString } from '@crowfly/stun'
import { isRoomName, maxRoomNameLength } from './nameplate.ts'
import { normalize } from './normalize.ts'
import type { ChosenCode } from './room-code.ts'
import type { RoomCodeProblem } from './room-code-problem.ts'

/** Characters that a secret of one's own has at least, and at most. */
const minSecretLength = 10
const maxSecretLength = 256

/** The code of a room that people named themselves, with a secret that they made up. */
export function parseChosenCode(name: string, secret: string): ChosenCode | RoomCodeProblem {
  const nameplate = normalize(name.slice(0, maxRoomNameLength * 4))
  if (nameplate === '') return { problem: 'missingNameplate' }
  if (nameplate.length > maxRoomNameLength) return { problem: 'nameTooLong' }
  if (!/\p{L}/u.test(nameplate)) return { problem: 'nameWithoutLetter' }
  if (!isRoomName(nameplate)) return { problem: 'badNameplate' }
  if (secret === '') return { problem: 'emptySecret' }
  if (secret.length > maxSecretLength * 2) return { problem: 'secretTooLong' }
  // draft-irtf-cfrg-cpace-21 §4.3: a clear-text password is encoded according to RFC 8265.
  const prepared = prepareOpaqueString(secret)
  if (prepared === undefined) return { problem: 'secretNotAllowed' }
  const length = [...prepared].length
  if (length < minSecretLength) return { problem: 'secretTooShort' }
  if (length > maxSecretLength) return { problem: 'secretTooLong' }
  return { kind: 'chosen', nameplate, secret: prepared }
}
