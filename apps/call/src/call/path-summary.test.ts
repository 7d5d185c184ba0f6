import { describe, expect, it } from 'vitest'
import { pathOf, worstPath } from './path-summary.ts'

const direct = pathOf({ connection: 'connected', path: { kind: 'direct', rttMs: 20, isLocal: false } })
const slow = pathOf({ connection: 'connected', path: { kind: 'direct', rttMs: 90, isLocal: false } })
const relay = pathOf({ connection: 'connected', path: { kind: 'relay', rttMs: 40, isLocal: false } })
const broken = pathOf({ connection: 'reconnecting', path: { kind: 'direct', rttMs: 20, isLocal: false } })

describe('the picture of the connection', () => {
  it('draws a relay only where there is one', () => {
    expect([direct.state, relay.state]).toEqual(['direct', 'relay'])
  })

  it('says when both ends are in one network', () => {
    const near = pathOf({ connection: 'connected', path: { kind: 'direct', rttMs: 1, isLocal: true } })
    expect(near.words).toContain('same network')
  })

  it('claims no time for a connection that is broken', () => {
    expect(broken).toMatchObject({ state: 'broken', rttMs: null })
  })

  it('sums several up as the worst of them', () => {
    expect(worstPath([direct, broken, relay])).toBe(broken)
    expect(worstPath([direct, relay])).toBe(relay)
    expect(worstPath([direct, slow])).toBe(slow)
    expect(worstPath([])).toBeNull()
  })
})
