import type { Credentials } from './client/turn-client.ts'

/** How many allocations a server has at a time. */
export interface AllocationLimits {
  readonly perUser: number
  readonly perAddress: number
  readonly inAll: number
}

/** A server to attack. */
export interface Target {
  readonly name: string
  /** Whether relayed addresses are sockets to anywhere, or names that only one room's members reach. */
  readonly kind: 'public' | 'rooms'
  readonly host: string
  readonly port: number
  readonly realm: string
  readonly user: Credentials
  /** Another user; in rooms mode one of another room. */
  readonly other?: Credentials | undefined
  /** A third user, for floods: in rooms mode of yet another room. */
  readonly flooder?: Credentials | undefined
  /** Rooms mode: somebody who is in a room and can be made to leave it. */
  readonly leaver?: { readonly credentials: Credentials; leave(): void } | undefined
  readonly pid?: number | undefined
  /** An IPv6 address that it listens on as well. */
  readonly hostV6?: string
  /** Limits that it is known to have: where exactly the floods have to end. */
  readonly limits?: AllocationLimits
  /** More users, all of whom together may have more allocations than there can be in all. */
  readonly crowd?: readonly Credentials[]
  /** How long its nonces are good, where that can be waited for. */
  readonly nonceSeconds?: number | undefined
  /** Names of the attacks that it is there for. Default: all. */
  readonly attacks?: readonly string[]
  /** Names of attacks that may find nothing to do here, though the network is the suite's own. Default: any. */
  readonly mayBeSkipped?: readonly string[]
  /** Whether it is expected to hold: a report is made of others too, but it is no failure. */
  readonly isJudged: boolean
  stop(): Promise<void>
}
