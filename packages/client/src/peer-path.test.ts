import { expect, test } from 'vitest'
import { findPeerPath } from './peer-path.ts'

function report(
  local: string,
  remote: string,
  marks: 'transport' | 'selected',
  where: { readonly local?: object; readonly remote?: object } = {},
): readonly object[] {
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
    { id: 'L', type: 'local-candidate', candidateType: local, address: '192.168.1.7', ...where.local },
    {
      id: 'R',
      type: 'remote-candidate',
      candidateType: remote,
      address: '192.168.1.8',
      ...where.remote,
    },
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

function isLocalBetween(local: object, remote: object): boolean | undefined {
  return findPeerPath(report('host', 'host', 'transport', { local, remote }))?.isLocal
}

test.for([
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.3.4',
  '127.0.0.1',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  '[febf::1]',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:192.168.1.7',
  '5f1ad2a4-8c1e-4d8c-9b6f-0f6f7a8e2c11.local',
])('%s is inside the network', (address) => {
  expect(isLocalBetween({ address }, {})).toBe(true)
  expect(isLocalBetween({}, { address })).toBe(true)
  // As older browsers report it.
  expect(isLocalBetween({ address: undefined, ip: address }, {})).toBe(true)
})

test.for([
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '100.128.0.1',
  '203.0.113.7',
  '2001:db8::7',
  'fec0::1',
  '::ffff:203.0.113.7',
  '::',
  '',
  'call.example',
  undefined,
])('%s is not known to be inside the network', (address) => {
  expect(isLocalBetween({ address }, {})).toBe(false)
  expect(isLocalBetween({}, { address })).toBe(false)
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
