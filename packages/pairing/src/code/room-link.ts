import { encodeUtf8 } from '@crowfly/bytes'
import { parseChosenCode } from './chosen-code.ts'
import { isRoomName, isServerNameplate } from './nameplate.ts'
import { normalize } from './normalize.ts'
import { parseWords } from './parse-words.ts'
import { type RoomCode, type StandingCode, standingSecretBytes } from './room-code.ts'
import type { RoomCodeProblem } from './room-code-problem.ts'

/**
 * `https://call.example/4821#canoe-velvet-maple`. Browsers send nothing behind the `#`. A chosen secret stands there as
 * `=` and its percent-encoded form, a standing room's as 32 hexadecimal digits. `base` is where the app is served.
 */
export function formatRoomLink(base: string, code: RoomCode): string {
  return `${base.replace(/\/+$/, '')}/${encodeURIComponent(code.nameplate)}#${formatSecret(code)}`
}

/** The code that a link carries. Words in it may be written as freely as in a code. */
export function parseRoomLink(link: string): RoomCode | RoomCodeProblem {
  const hash = link.indexOf('#')
  const nameplate = parseNameplate(hash < 0 ? link : link.slice(0, hash))
  if (nameplate === '') return { problem: 'missingNameplate' }
  if (nameplate === undefined) return { problem: 'badNameplate' }
  if (hash < 0) return { problem: 'linkWithoutSecret' }
  const fragment = link.slice(hash + 1).trim()
  if (fragment === '') return { problem: 'emptySecret' }
  return parseSecret(nameplate, fragment)
}

function formatSecret(code: RoomCode): string {
  if (code.kind === 'words') return code.words.join('-')
  if (code.kind === 'standing') return formatHex(code.secret)
  // Everything but letters and digits: programs that find links in text leave punctuation at their ends out.
  const plain = /[A-Za-z0-9]/
  const octets = Array.from(encodeUtf8(code.secret), (octet) => {
    const character = String.fromCharCode(octet)
    return plain.test(character) ? character : `%${formatHex(Uint8Array.of(octet)).toUpperCase()}`
  })
  return `=${octets.join('')}`
}

/** The last part of the path in its one form; empty when there is none, undefined when it is no nameplate. */
function parseNameplate(address: string): string | undefined {
  const path = address
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/\?.*$/s, '')
    .replace(/\/+$/, '')
  if (!path.includes('/')) return ''
  const name = normalize(decodePercent(path.slice(path.lastIndexOf('/') + 1)) ?? '')
  return isServerNameplate(name) || isRoomName(name) ? name : undefined
}

function parseSecret(nameplate: string, fragment: string): RoomCode | RoomCodeProblem {
  if (fragment.startsWith('=')) {
    const secret = decodePercent(fragment.slice(1))
    return secret === undefined ? { problem: 'badSecret' } : parseChosenCode(nameplate, secret)
  }
  const text = normalize(decodePercent(fragment) ?? '')
  if (text === '') return { problem: 'badSecret' }
  const standing = parseStanding(nameplate, text)
  if (standing !== undefined) return standing
  return isServerNameplate(nameplate) ? parseWords(nameplate, text.split('-')) : { problem: 'badSecret' }
}

function parseStanding(nameplate: string, text: string): StandingCode | undefined {
  if (!/^[0-9a-f]{32}$/.test(text)) return undefined
  const secret = new Uint8Array(standingSecretBytes)
  for (let i = 0; i < secret.length; i++) secret[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return { kind: 'standing', nameplate, secret }
}

function formatHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
