import type { StatsReport } from './peer-connection.ts'
import type { PeerPath } from './snapshot.ts'

/** The selected candidate pair out of a statistics report (W3C webrtc-stats §8); null while there is none. */
export function findPeerPath(report: StatsReport): PeerPath | null {
  const entries = new Map<string, object>()
  report.forEach((entry) => {
    if (typeof entry !== 'object' || entry === null) return
    const id = text(entry, 'id')
    if (id !== null) entries.set(id, entry)
  })
  const pair = selectedPair(entries)
  if (pair === null) return null
  const local = candidateType(entries, text(pair, 'localCandidateId'))
  const remote = candidateType(entries, text(pair, 'remoteCandidateId'))
  const seconds: unknown = Reflect.get(pair, 'currentRoundTripTime')
  return {
    kind: local === 'relay' || remote === 'relay' ? 'relay' : 'direct',
    rttMs: typeof seconds === 'number' ? Math.round(seconds * 1000) : null,
    isLocal: local === 'host' && remote === 'host',
  }
}

function selectedPair(entries: ReadonlyMap<string, object>): object | null {
  for (const entry of entries.values()) {
    if (text(entry, 'type') !== 'transport') continue
    const pair = entries.get(text(entry, 'selectedCandidatePairId') ?? '')
    if (pair !== undefined) return pair
  }
  // Firefox has no transport entry in every version, and marks the pair itself.
  for (const entry of entries.values()) {
    if (text(entry, 'type') === 'candidate-pair' && Reflect.get(entry, 'selected') === true) return entry
  }
  return null
}

function candidateType(entries: ReadonlyMap<string, object>, id: string | null): string | null {
  const candidate = entries.get(id ?? '')
  return candidate === undefined ? null : text(candidate, 'candidateType')
}

function text(entry: object, key: string): string | null {
  const value: unknown = Reflect.get(entry, key)
  return typeof value === 'string' ? value : null
}
