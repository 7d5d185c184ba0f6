import { encodeUtf8 } from '@crowfly/bytes'
import { type Random, randomInteger } from '@crowfly/sansio'
import { words } from './words.ts'

/** A nameplate of the server's and three words of the list: 33 bits. */
export interface WordsCode {
  readonly kind: 'words'
  readonly nameplate: string
  readonly words: readonly [string, string, string]
}

/** A room's name and a secret that somebody made up: weaker, with a smaller budget of guesses. */
export interface ChosenCode {
  readonly kind: 'chosen'
  readonly nameplate: string
  readonly secret: string
}

/** A standing room: 128 random bits, which only a link carries. */
export interface StandingCode {
  readonly kind: 'standing'
  readonly nameplate: string
  readonly secret: Uint8Array
}

/**
 * What people share to meet. The server routes by `nameplate`; the rest never reaches it: it feeds CPace and nothing
 * else, no hash, cache key or log.
 */
export type RoomCode = WordsCode | ChosenCode | StandingCode

/**
 * A room without a secret, for applications that decide by themselves who may enter: whoever the server lets in is in, and
 * the server can put itself between two people unseen, until they compare emoji. No code and no link ever becomes one.
 */
export interface OpenRoom {
  readonly kind: 'open'
  readonly nameplate: string
}

/** Octets of a standing room's secret. */
export const standingSecretBytes = 16

/** A code of three random words under a nameplate that the server has handed out. */
export function generateWordsCode(nameplate: string, random: Random): WordsCode {
  const draw = (): string => words[randomInteger(random, words.length)] ?? ''
  return { kind: 'words', nameplate, words: [draw(), draw(), draw()] }
}

/** A standing room's code under a nameplate or a room's name. */
export function generateStandingCode(nameplate: string, random: Random): StandingCode {
  const secret = new Uint8Array(standingSecretBytes)
  random.fill(secret)
  return { kind: 'standing', nameplate, secret }
}

/** `4821-canoe-velvet-maple`: what people read and type. */
export function formatWordsCode(code: WordsCode): string {
  return [code.nameplate, ...code.words].join('-')
}

/** What people see of a code: all of it, or of a room with a secret of its own the room's name. */
export function formatRoomCode(code: RoomCode): string {
  return code.kind === 'words' ? formatWordsCode(code) : code.nameplate
}

/** `4821 canoe velvet maple`: what people say. */
export function formatSpokenCode(code: WordsCode): string {
  return [code.nameplate, ...code.words].join(' ')
}

/** CPace's PRS, the caller's to wipe: the words with hyphens or the chosen secret as UTF-8, or the random octets. */
export function codePassword(code: RoomCode): Uint8Array {
  if (code.kind === 'words') return encodeUtf8(code.words.join('-'))
  return code.kind === 'chosen' ? encodeUtf8(code.secret) : code.secret.slice()
}
