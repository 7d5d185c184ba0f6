import { decodeUtf8, encodeUtf8 } from '@crowfly/bytes'
import {
  codePassword,
  formatRoomLink,
  formatSpokenCode,
  formatWordsCode,
  parseChosenCode,
  parseRoomCode,
  parseRoomLink,
  type RoomCode,
  type RoomCodeProblem,
} from '@crowfly/pairing'
import { type FuzzTarget, invariant } from '../target.ts'

const base = 'https://call.example'

/** A code that parses has one form, in which it parses to the same; its secret is never empty. */
function check(name: string, code: RoomCode | RoomCodeProblem): string {
  if ('problem' in code) return code.problem
  invariant(codePassword(code).length >= 10, `${name}: a secret of ${codePassword(code).length} octets`)
  const text = JSON.stringify(code)
  const isSame = (again: RoomCode | RoomCodeProblem): boolean => JSON.stringify(again) === text
  const link = formatRoomLink(base, code)
  invariant(isSame(parseRoomLink(link)) && isSame(parseRoomCode(link)), `${name}: ${text} is not in ${link}`)
  invariant(link.indexOf('#') === link.lastIndexOf('#'), `${name}: ${link} has two fragments`)
  if (code.kind !== 'words') return code.kind
  invariant(isSame(parseRoomCode(formatWordsCode(code))), `${name}: ${text} is not read`)
  invariant(isSame(parseRoomCode(formatSpokenCode(code))), `${name}: ${text} is not heard`)
  return code.kind
}

/** What people type, paste and make up: codes, links, own rooms. */
export const target: FuzzTarget = {
  run(input) {
    const text = decodeUtf8(input) ?? String.fromCharCode(...input)
    const half = text.length >> 1
    const chosen = check('chosen', parseChosenCode(text.slice(0, half), text.slice(half)))
    return `${check('code', parseRoomCode(text))} ${check('link', parseRoomLink(text))} ${chosen}`
  },
  maxBytes: 96,
  seeds: [
    '4821-canoe-velvet-maple',
    ' 123456 Canoe, VELV maplle',
    '4821-17-22',
    'https://call.example/4821#canoe-velvet-maple',
    'https://call.example/team-standup#=Under%20the%20rug',
    'https://call.example/team#00112233445566778899aabbccddeeff',
    'Team Standup Under the rug',
  ].map(encodeUtf8),
  dictionary: ['4821', '-canoe', 'act', '#', '/', '=', '%20', 'É', '\u0301', 'İ', '１'].map(encodeUtf8),
}
