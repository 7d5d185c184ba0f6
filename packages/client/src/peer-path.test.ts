import { expect, test } from 'vitest'
import { findPeerPath } from './peer-path.ts'

function report(local: string, remote: string, marks: 'transport' | 'selected'): readonly object[] {
  return [
    { id: 'other', type: 'candidate-pair', localCandidateId: 'R', remoteCandidateId: 'R' },
    {
      id: 'P',
      type: 'candidate-pair',
      localCandidateId: 'L',
      remoteCandidateId: 'R',
      currentRoundTripTime: 0.0254,
      ...(marks === 'selected' ? { selected: true } : {}),
    },
    { id: 'L', type: 'local-candidate', candidateType: local },
    { id: 'R', type: 'remote-candidate', candidateType: remote },
    ...(marks === 'transport' ? [{ id: 'T', type: 'transport', selectedCandidatePairId: 'P' }] : []),
  ]
}

test.for([
  ['host', 'host', { kind: 'direct', rttMs: 25, isLocal: true }],
  ['host', 'prflx', { kind: 'direct', rttMs: 25, isLocal: false }],
  ['srflx', 'host', { kind: 'direct', rttMs: 25, isLocal: false }],
  ['relay', 'host', { kind: 'relay', rttMs: 25, isLocal: false }],
  ['host', 'relay', { kind: 'relay', rttMs: 25, isLocal: false }],
] as const)('%s to %s', ([local, remote, path]) => {
  expect(findPeerPath(report(local, remote, 'transport'))).toEqual(path)
  // As Firefox reports it.
  expect(findPeerPath(report(local, remote, 'selected'))).toEqual(path)
})

test('without a selected pair, or with garbage, there is no path', () => {
  expect(findPeerPath([])).toBe(null)
  expect(
    findPeerPath([null, 3, 'x', {}, { id: 'T', type: 'transport', selectedCandidatePairId: 'gone' }]),
  ).toBe(null)
})

test('a round trip that was not measured yet is null', () => {
  const [, pair] = report('host', 'host', 'selected')
  const unmeasured = { ...pair, currentRoundTripTime: undefined }
  expect(findPeerPath([unmeasured])?.rttMs).toBe(null)
})
