/** Why a request was not answered in kind. */
export type PollRefusal =
  /** It is no request, or its numbers cannot be. */
  | 'malformed'
  /** Its connection is over, or was never begun. */
  | 'gone'
  /** No further connection is taken. */
  | 'full'

/** For metrics. `connections` is a level; everything else only grows. */
export interface PollCounters {
  connections: number
  sends: number
  /** Sends that had been taken already. */
  repeatedSends: number
  polls: number
  /** Polls that a newer one ended. */
  endedPolls: number
  /** Batches that were sent again, since the answer that carried them got lost. */
  repeatedBatches: number
  /** Connections without a poll for too long. */
  lapsed: number
  /** Connections whose client did not fetch what waited for it. */
  overflown: number
  readonly refused: Record<PollRefusal, number>
}

export function zeroPollCounters(): PollCounters {
  return {
    connections: 0,
    sends: 0,
    repeatedSends: 0,
    polls: 0,
    endedPolls: 0,
    repeatedBatches: 0,
    lapsed: 0,
    overflown: 0,
    refused: { malformed: 0, gone: 0, full: 0 },
  }
}
