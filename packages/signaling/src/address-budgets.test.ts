import { parseAddress } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { budgetKey } from './address-budgets.ts'
import { TokenBucket } from './token-bucket.ts'

function key(text: string): string {
  const address = parseAddress(text) ?? new Uint8Array(4)
  return budgetKey({ family: address.length === 4 ? 4 : 6, address, port: 1 })
}

describe('a budget key', () => {
  it('is the address for IPv4, mapped into IPv6 or not', () => {
    expect(key('192.0.2.1')).not.toBe(key('192.0.2.2'))
    expect(key('::ffff:192.0.2.1')).toBe(key('192.0.2.1'))
  })

  it('is the /64 for IPv6', () => {
    expect(key('2001:db8::1')).toBe(key('2001:db8::ffff:1'))
    expect(key('2001:db8::1')).not.toBe(key('2001:db8:0:1::1'))
  })
})

describe('a token bucket', () => {
  it('gives its burst at once and refills at its rate, up to the burst', () => {
    const bucket = new TokenBucket(3, 1 / 1000)
    let state = 0
    for (let i = 0; i < 3; i++) {
      expect(bucket.wait(state, 1, 5000)).toBe(0)
      state = bucket.spend(state, 1, 5000)
    }
    expect(bucket.wait(state, 1, 5000)).toBe(1000)
    expect(bucket.wait(state, 1, 5999)).toBe(1)
    expect(bucket.wait(state, 1, 6000)).toBe(0)
    expect(bucket.wait(state, 3, 8000)).toBe(0)
    expect(bucket.wait(state, 4, 100_000)).toBe(1000)
  })

  it('never has anything if it holds nothing', () => {
    expect(new TokenBucket(0, 0).wait(0, 1, 5000)).toBe(3_600_000)
  })
})
