import { describe, expect, it } from 'vitest'
import { trustWords } from '../copy.ts'
import { callTrust, isChatPending, type Trust } from './claims.ts'

const peers = (...trusts: Trust[]) => trusts.map((trust) => ({ trust }))

describe('what is claimed of a call', () => {
  it('is what holds of everybody in it', () => {
    expect(callTrust(peers('code', 'verified'))).toBe('code')
    expect(callTrust(peers('verified', 'pending', 'code'))).toBe('pending')
    expect(callTrust(peers('verified', 'verified'))).toBe('verified')
    expect(callTrust(peers('code', 'server'))).toBe('server')
    expect(callTrust([])).toBeNull()
  })

  it('is that it is encrypted only once that is proven', () => {
    for (const trust of ['pending', 'server'] as const)
      expect(trustWords(trust)).not.toMatch(/encrypt|verif|secure|private/i)
    expect(trustWords('code')).toBe('End-to-end encrypted: only people with this code')
    expect(trustWords('verified')).toBe('Verified')
  })
})

describe('the chat', () => {
  it('waits until one connection is proven', () => {
    expect(isChatPending(peers('pending', 'pending'))).toBe(true)
    expect(isChatPending(peers('pending', 'code'))).toBe(false)
    expect(isChatPending([])).toBe(false)
  })
})
