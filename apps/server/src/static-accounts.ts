import type { TurnAccount, TurnAccounts } from '@crowfly/turn'

/** The relay's accounts that the operator has named: they last, and are in one room if there are rooms. */
export class StaticAccounts implements TurnAccounts {
  readonly #accounts = new Map<string, TurnAccount>()

  /** `passwords` by username. */
  constructor(passwords: ReadonlyMap<string, string>, room: string | null) {
    for (const [username, password] of passwords) {
      this.#accounts.set(username, { password, room, mayAllocate: true })
    }
  }

  find(username: string): TurnAccount | undefined {
    return this.#accounts.get(username)
  }
}
