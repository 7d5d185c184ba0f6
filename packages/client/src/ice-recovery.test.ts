import { expect, test } from 'vitest'
import { IceRecovery } from './ice-recovery.ts'

/** The times, and what is done at them, up to `end`. */
function actions(recovery: IceRecovery, end: number): readonly string[] {
  const done: string[] = []
  while (recovery.pollTimeout() <= end) {
    const at = recovery.pollTimeout()
    const action = recovery.handleTimeout(at)
    if (action !== null) done.push(`${action} at ${at}`)
  }
  return done
}

test('disconnected for two seconds restarts ICE, and what heals before that does not', () => {
  const recovery = new IceRecovery()
  recovery.handleState('connected', 0)
  recovery.handleState('disconnected', 1_000)
  recovery.handleState('connected', 2_500)
  expect(recovery.pollTimeout()).toBe(Infinity)
  recovery.handleState('disconnected', 10_000)
  expect(recovery.handleTimeout(11_999)).toBe(null)
  expect(recovery.handleTimeout(12_000)).toBe('restart')
})

test('failed restarts at once, then with pauses that grow, every third time as a rebuild', () => {
  const recovery = new IceRecovery()
  recovery.handleState('failed', 1_000)
  expect(actions(recovery, 130_000)).toEqual([
    'restart at 1000',
    'restart at 6000',
    'rebuild at 16000',
    'restart at 36000',
    'restart at 66000',
    'rebuild at 96000',
    'restart at 126000',
  ])
})

test('failing again after a restart does not shorten the pause', () => {
  const recovery = new IceRecovery()
  recovery.handleState('failed', 0)
  recovery.handleTimeout(0)
  recovery.handleState('checking', 100)
  recovery.handleState('failed', 1_500)
  expect(recovery.pollTimeout()).toBe(5_000)
})

test('failed while disconnected is waited out does not wait for the rest', () => {
  const recovery = new IceRecovery()
  recovery.handleState('disconnected', 0)
  recovery.handleState('failed', 500)
  expect(recovery.pollTimeout()).toBe(500)
})

test('a change of network restarts a connection that believes itself standing, once', () => {
  const recovery = new IceRecovery()
  recovery.handleState('connected', 0)
  recovery.handleNetworkChange(1_000)
  expect(actions(recovery, 60_000)).toEqual(['restart at 1000'])
})

test('a second change restarts it again, though the restart for the first left it standing', () => {
  const recovery = new IceRecovery()
  recovery.handleState('connected', 0)
  recovery.handleNetworkChange(10_000)
  expect(actions(recovery, 12_999)).toEqual(['restart at 10000'])
  recovery.handleNetworkChange(13_000)
  expect(actions(recovery, 60_000)).toEqual(['restart at 13000'])
  recovery.handleNetworkChange(60_000)
  recovery.handleNetworkChange(60_100)
  expect(actions(recovery, 90_000)).toEqual(['restart at 60000'])
})

test('several changes in a row keep a second between restarts', () => {
  const recovery = new IceRecovery()
  recovery.handleState('connected', 0)
  for (const now of [1_000, 1_200, 1_400]) {
    recovery.handleNetworkChange(now)
    recovery.handleTimeout(now)
  }
  expect(recovery.pollTimeout()).toBe(2_000)
})

test('signaling that is back hurries a restart that was waiting, and starts none', () => {
  const recovery = new IceRecovery()
  recovery.handleState('connected', 0)
  recovery.handleSignalingRestored(500)
  expect(recovery.pollTimeout()).toBe(Infinity)
  recovery.handleState('failed', 1_000)
  expect(recovery.handleTimeout(1_000)).toBe('restart')
  recovery.handleSignalingRestored(4_000)
  expect(recovery.pollTimeout()).toBe(4_000)
})

test('a first connection is left to itself while it checks, a restart of the other side is watched', () => {
  const recovery = new IceRecovery()
  recovery.handleState('checking', 0)
  expect(recovery.pollTimeout()).toBe(Infinity)
  recovery.handleState('connected', 1_000)
  recovery.handleState('checking', 2_000)
  expect(recovery.pollTimeout()).toBe(7_000)
})

test('the side that gives a head start restarts later, and not at all when the other has mended it', () => {
  const recovery = new IceRecovery(1_500)
  recovery.handleState('connected', 0)
  recovery.handleState('disconnected', 1_000)
  expect(recovery.handleTimeout(4_499)).toBe(null)
  recovery.handleState('checking', 4_000)
  recovery.handleState('connected', 4_200)
  expect(recovery.pollTimeout()).toBe(Infinity)
  recovery.handleState('failed', 5_000)
  expect(recovery.handleTimeout(6_499)).toBe(null)
  expect(recovery.handleTimeout(6_500)).toBe('restart')
})
