import { expect, test } from 'vitest'
import { DtlsRole } from './dtls-role.ts'

const sdp = (setup: string) =>
  `v=0\r\nm=audio 9 X 0\r\na=setup:${setup}\r\nm=video 9 X 0\r\na=setup:${setup}\r\n`
const offer = { kind: 'offer', sdp: sdp('actpass') } as const

test('the first offer leaves the choice to the other side', () => {
  expect(new DtlsRole().handleOutgoing(offer)).toEqual(offer)
})

test('who was answered actively stays passive in every later offer', () => {
  const role = new DtlsRole()
  role.handleOutgoing(offer)
  role.handleAnswer(sdp('active'))
  expect(role.handleOutgoing(offer).sdp).toBe(sdp('passive'))
  // Whatever a later answer claims: the roles last as long as the connection.
  role.handleAnswer(sdp('passive'))
  expect(role.handleOutgoing(offer).sdp).toBe(sdp('passive'))
})

test('who answered actively stays active', () => {
  const role = new DtlsRole()
  const answer = { kind: 'answer', sdp: sdp('active') } as const
  expect(role.handleOutgoing(answer)).toEqual(answer)
  expect(role.handleOutgoing(offer).sdp).toBe(sdp('active'))
})

test('an answer that names no role leaves the offers as they are', () => {
  const role = new DtlsRole()
  role.handleAnswer('v=0\r\n')
  expect(role.handleOutgoing(offer)).toEqual(offer)
})
