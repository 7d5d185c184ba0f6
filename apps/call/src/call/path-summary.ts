import type { PeerSnapshot } from '@crowfly/client'
import { copy, pathWords } from '../copy.ts'
import type { PathState } from './path-figure.tsx'

/** A connection in a picture, a word and a time. */
export interface PathSummary {
  readonly state: PathState
  readonly words: string
  readonly rttMs: number | null
}

/** How one peer is reached. */
export function pathOf(peer: Pick<PeerSnapshot, 'connection' | 'path'>): PathSummary {
  switch (peer.connection) {
    case 'connecting':
      return { state: 'finding', words: copy.call.noPath, rttMs: null }
    case 'reconnecting':
      return { state: 'broken', words: copy.call.reconnecting, rttMs: null }
    case 'failed':
      return { state: 'broken', words: copy.call.brokenPath, rttMs: null }
    case 'connected':
      if (peer.path === null) return { state: 'direct', words: '', rttMs: null }
      return { state: peer.path.kind, words: pathWords(peer.path), rttMs: peer.path.rttMs }
  }
}

const worstFirst: readonly PathState[] = ['broken', 'finding', 'relay', 'direct']

/** The worst of several connections, which is the one to know about; of equal ones the slowest. */
export function worstPath(paths: readonly PathSummary[]): PathSummary | null {
  const sorted = [...paths].sort(
    (a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state) || (b.rttMs ?? 0) - (a.rttMs ?? 0),
  )
  return sorted[0] ?? null
}
