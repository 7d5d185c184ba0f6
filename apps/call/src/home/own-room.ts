import { parseChosenCode, type RoomCodeProblem } from '@crowfly/pairing'
import { codeProblemWords } from '../copy.ts'

const ofName: ReadonlySet<RoomCodeProblem['problem']> = new Set([
  'missingNameplate',
  'badNameplate',
  'nameTooLong',
  'nameWithoutLetter',
])

/** A secret that stands in for one that has not been typed, to learn what is wrong with the name alone. */
const anySecret = 'any secret that is long enough'

/** What is wrong with a room's name and with its secret; what is only not there yet is wrong once it `isPressed`. */
export function ownRoomHints(
  name: string,
  secret: string,
  isPressed: boolean,
): { readonly name: string; readonly secret: string } {
  const named = parseChosenCode(name, anySecret)
  const kept = parseChosenCode('any', secret)
  const nameProblem = 'problem' in named && ofName.has(named.problem) ? named : null
  const secretProblem = 'problem' in kept ? kept : null
  const isNameShown = nameProblem !== null && (isPressed || name.trim() !== '')
  const isSecretShown = secretProblem !== null && (isPressed || !isBegun(secretProblem))
  return {
    name: isNameShown ? codeProblemWords(nameProblem, 'own') : '',
    secret: isSecretShown ? codeProblemWords(secretProblem, 'own') : '',
  }
}

/** Whether more typing mends it. */
function isBegun({ problem }: RoomCodeProblem): boolean {
  return problem === 'emptySecret' || problem === 'secretTooShort'
}
