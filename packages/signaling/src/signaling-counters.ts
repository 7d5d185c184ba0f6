import type { GoodbyeCode, WireRefusalCode } from './frame.ts'
import type { Malformed } from './schema.ts'

/** Why a frame counts as malformed: what the schema found, or what the session did. */
export type Violation = Malformed | 'unexpected' | 'sequenceGap' | 'wrongAck'

/** For metrics. The first five are levels; everything else only grows. */
export interface SignalingCounters {
  connections: number
  sessions: number
  rooms: number
  members: number
  /** Octets that wait for acknowledgement in all outboxes together. */
  waitingBytes: number
  framesIn: number
  framesOut: number
  bytesIn: number
  bytesOut: number
  envelopes: number
  undeliverable: number
  /** Messages of who was not let in. */
  unheard: number
  resumed: number
  /** Sessions whose member did not come back within the grace. */
  expired: number
  /** Connections closed for their silence. */
  dead: number
  duplicates: number
  readonly malformed: Record<Violation, number>
  readonly refused: Record<WireRefusalCode, number>
  readonly goodbyes: Record<GoodbyeCode, number>
}

export function zeroCounters(): SignalingCounters {
  return {
    connections: 0,
    sessions: 0,
    rooms: 0,
    members: 0,
    waitingBytes: 0,
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    envelopes: 0,
    undeliverable: 0,
    unheard: 0,
    resumed: 0,
    expired: 0,
    dead: 0,
    duplicates: 0,
    malformed: {
      empty: 0,
      unknownType: 0,
      badField: 0,
      trailingBytes: 0,
      unexpected: 0,
      sequenceGap: 0,
      wrongAck: 0,
    },
    refused: {
      unknownNameplate: 0,
      nobodyThere: 0,
      roomFull: 0,
      tooManyTries: 0,
      serverFull: 0,
      memberIdInUse: 0,
      notAllowed: 0,
    },
    goodbyes: {
      restarting: 0,
      incompatibleVersion: 0,
      malformed: 0,
      tooManyConnections: 0,
      tooFast: 0,
      serverFull: 0,
      tooSlow: 0,
      replaced: 0,
    },
  }
}
