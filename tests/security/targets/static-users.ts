import type { Credentials } from '../client/turn-client.ts'

const user: Credentials = { username: 'u', password: 'p' }
const other: Credentials = { username: 'u2', password: 'p2' }
const flooder: Credentials = { username: 'u3', password: 'p3' }

/** The users of a server that is told of them by flags, as a target names them. */
export const threeUsers = { realm: 'test', user, other, flooder }

/** Those flags, which coturn and `crowfly turn` share. */
export const threeUsersFlags: readonly string[] = [
  ...['--realm', threeUsers.realm],
  ...userFlags([user, other, flooder]),
]

/** So many users more. */
export function madeCrowd(count: number): readonly Credentials[] {
  return Array.from({ length: count }, (_, index) => ({ username: `c${index}`, password: `pc${index}` }))
}

export function userFlags(users: readonly Credentials[]): readonly string[] {
  return users.flatMap(({ username, password }) => ['--user', `${username}:${password}`])
}
