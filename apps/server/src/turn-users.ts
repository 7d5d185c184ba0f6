import { readFileSync } from 'node:fs'
import { prepareOpaqueString } from '@crowfly/stun'
import { OperatorError, reasonOf, refuseFlag } from './operator-error.ts'

/** Where the users of `crowfly turn` come from. */
export interface UserFlags {
  user?: string[]
  userFile?: string
}

/** One `name:password`, and where it stands. */
interface Login {
  text: string
  /** `flag`, or the line of a file. */
  refuse(shown: string, remedy: string): never
}

/** Passwords by username, of `--user` and `--user-file`. Throws `OperatorError` `FLAG_REFUSED`. */
export function parseUsers(flags: UserFlags): ReadonlyMap<string, string> {
  const users = new Map<string, string>()
  for (const { text, refuse } of [...typedLogins(flags), ...fileLogins(flags)]) {
    // The password is all behind the first colon.
    const colon = text.indexOf(':')
    const name = text.slice(0, colon)
    const password = text.slice(colon + 1)
    // The password is nobody's business, so that it is not said again.
    const shown = colon < 0 ? text : `${name}:…`
    // RFC 8489 §14.3: fewer than 509 bytes
    const isFit = colon > 0 && isOpaqueString(name) && isOpaqueString(password)
    if (!isFit || Buffer.byteLength(name) > 508) {
      refuse(shown, 'Give name:password, without control characters, as in anna:correct-horse')
    }
    if (users.has(name)) refuse(shown, `${name} has a password already. Give each name once.`)
    users.set(name, password)
  }
  if (users.size > 0) return users
  throw new OperatorError(
    'FLAG_REFUSED',
    'A relay needs users, or anybody could use it. ' +
      'Give --user name:password, which may be repeated, or --user-file with such lines.',
  )
}

/** Whether it can be in a credential at all (RFC 8265 §4.2). */
export function isOpaqueString(text: string): boolean {
  return prepareOpaqueString(text) !== undefined
}

function typedLogins({ user = [] }: UserFlags): Login[] {
  return user.map((text) => ({ text, refuse: (shown, remedy) => refuseFlag('--user', shown, remedy) }))
}

/** A line each; empty ones and those that begin with # are passed over. */
function fileLogins({ userFile }: UserFlags): Login[] {
  if (userFile === undefined) return []
  return read(userFile)
    .split(/\r?\n/)
    .map((text, index) => ({
      text,
      refuse: (shown: string, remedy: string) =>
        refuseFlag(`Line ${index + 1} of ${userFile} (--user-file)`, shown, remedy),
    }))
    .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
}

function read(userFile: string): string {
  try {
    return readFileSync(userFile, 'utf8')
  } catch (error) {
    throw new OperatorError(
      'FLAG_REFUSED',
      `The file ${userFile} (--user-file) cannot be read: ${reasonOf(error)}. Give one with a line name:password for each user.`,
    )
  }
}
