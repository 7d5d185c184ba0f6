/** What the maker of credentials knows of a username. */
export interface TurnAccount {
  /**
   * The password of the long-term credential (RFC 8489 §9.2). DEVIATION: RFC 8656 §6 has the server keep the key instead.
   * No allocation keeps either; an owner who makes passwords up from a secret keeps none.
   */
  readonly password: string
  /** Packets pass from relay to relay only within one room; null for a server that has none. */
  readonly room: string | null
  /**
   * Whether new allocations may be made: not with credentials that have expired. Live ones are kept with them: a browser
   * cannot change the credentials of one.
   */
  readonly mayAllocate: boolean
}

/** Who may use the relay. The platform's clock is the accounts' business: a machine knows no date. */
export interface TurnAccounts {
  /** Undefined: nobody has this username. Synchronous and cheap, since strangers choose what is asked. */
  find(username: string): TurnAccount | undefined
}
