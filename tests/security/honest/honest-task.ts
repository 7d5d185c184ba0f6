/** What the honest client is to do. */
export interface HonestTask {
  readonly host: string
  readonly port: number
  readonly realm: string
  readonly username: string
  readonly password: string
  readonly source: string | undefined
}

/** How it fared since it was asked last. */
export interface HonestReport {
  /** Packets that were sent through the relay, there and back again. */
  readonly sent: number
  readonly returned: number
  /** Of those and of earlier ones. */
  readonly lost: number
  /** Longest time without a packet. */
  readonly longestSilenceMs: number
  readonly medianMs: number
  readonly p99Ms: number
  /** How late its own timers were at most: so much of the above may be this machine's fault. */
  readonly ownLatenessMs: number
  /** Whether the server still knows the allocation. */
  readonly isAlive: boolean
}

export type FromHonest =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'report'; readonly report: HonestReport }
