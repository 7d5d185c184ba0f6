import { isLocalAddress } from './local-address.ts'
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
  const local = entries.get(text(pair, 'localCandidateId') ?? '')
  const remote = entries.get(text(pair, 'remoteCandidateId') ?? '')
  const seconds: unknown = Reflect.get(pair, 'currentRoundTripTime')
  return {
    kind: isOfType(local, 'relay') || isOfType(remote, 'relay') ? 'relay' : 'direct',
    rttMs: typeof seconds === 'number' ? Math.round(seconds * 1000) : null,
    isLocal: isLocalHost(local) && isLocalHost(remote),
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

function isOfType(candidate: object | undefined, type: string): boolean {
  return candidate !== undefined && text(candidate, 'candidateType') === type
}

/** A public address is a host candidate too, so that the type alone does not tell. */
function isLocalHost(candidate: object | undefined): boolean {
  if (candidate === undefined || !isOfType(candidate, 'host')) return false
  // Older browsers call it `ip`.
  const address = text(candidate, 'address') ?? text(candidate, 'ip')
  return address !== null && isLocalAddress(address)
}

function text(entry: object, key: string): string | null {
  const value: unknown = Reflect.get(entry, key)
  return typeof value === 'string' ? value : null
}
