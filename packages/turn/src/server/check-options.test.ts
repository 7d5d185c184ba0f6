import { describe, expect, it } from 'vitest'
import { checkOptions } from './check-options.ts'
import { PeerFilter } from './peer-filter.ts'
import { DEFAULT_TURN_LIMITS } from './turn-limits.ts'

const options = { realm: 'r', nonceKey: new Uint8Array(32), peers: { kind: 'rooms' } } as const

function ports(least: number, most: number) {
  const peers = {
    kind: 'public',
    filter: new PeerFilter(),
    relayAddress: () => undefined,
    ports: { least, most },
  } as const
  return { ...options, peers }
}

describe('the settings of a TurnServer', () => {
  it('are fine as they are, and without limits where there need be none', () => {
    checkOptions(options, DEFAULT_TURN_LIMITS)
    checkOptions(ports(1, 65_535), {
      ...DEFAULT_TURN_LIMITS,
      maxAllocationsPerUser: Infinity,
      maxBytesPerSecond: Infinity,
    })
  })

  it.each([
    ['realm', { ...options, realm: '' }, {}],
    ['realm', { ...options, realm: 'r'.repeat(128) }, {}],
    ['nonceKey', { ...options, nonceKey: new Uint8Array(16) }, {}],
    ['maxAllocations', options, { maxAllocations: Infinity }],
    ['maxReservations', options, { maxReservations: 0.5 }],
    ['maxBytesPerSecond', options, { maxBytesPerSecond: -1 }],
    ['maxChannelsPerAllocation', options, { maxChannelsPerAllocation: Number.NaN }],
    ['defaultLifetimeSeconds', options, { defaultLifetimeSeconds: 0 }],
    ['defaultLifetimeSeconds', options, { maxLifetimeSeconds: 10 }],
    ['maxLifetimeSeconds', options, { maxLifetimeSeconds: Infinity }],
    ['ports', ports(0, 10), {}],
    ['ports', ports(20, 10), {}],
    ['ports', ports(20, 65_536), {}],
  ])('say which of them is wrong: %s', (name, settings, limits) => {
    expect(() => checkOptions(settings, { ...DEFAULT_TURN_LIMITS, ...limits })).toThrow(
      expect.objectContaining({ code: 'TURN_SERVER', message: expect.stringContaining(name) }),
    )
  })
})
