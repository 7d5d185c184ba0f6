import { PathTable } from '@crowfly/sansio'
import { decodeNonceCookie, SecurityFeature } from '@crowfly/stun'
import { testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { NonceMint } from './nonce-mint.ts'
import { address } from './testing/turn-bench.ts'

const LIFETIME_MS = 600_000

function setUp(key = 1) {
  const paths = new PathTable({ capacity: 8 })
  const local = address('192.0.2.1', 3478)
  const path = paths.intern('udp', local, address('203.0.113.1', 1))
  const otherPort = paths.intern('udp', local, address('203.0.113.1', 2))
  const otherHost = paths.intern('udp', local, address('203.0.113.2', 1))
  const mint = new NonceMint({
    crypto: testCrypto,
    paths,
    key: new Uint8Array(32).fill(key),
    lifetimeMs: LIFETIME_MS,
  })
  return { mint, path, otherPort, otherHost }
}

describe('NonceMint', () => {
  it('makes short nonces that say what the server supports', () => {
    const { mint, path } = setUp()
    const nonce = mint.mint(path, 5000)
    expect(nonce).toMatch(/^obMatJos2[\w-]{16}$/)
    expect(decodeNonceCookie(nonce)).toBe(SecurityFeature.PASSWORD_ALGORITHMS)
  })

  it('knows its nonces for as long as they are good', () => {
    const { mint, path } = setUp()
    const nonce = mint.mint(path, 5000)
    expect(mint.isFresh(nonce, path, 5000)).toBe(true)
    expect(mint.isFresh(nonce, path, 5000 + LIFETIME_MS - 8000)).toBe(true)
    expect(mint.isFresh(nonce, path, 5000 + LIFETIME_MS)).toBe(false)
    expect(mint.isFresh(nonce, path, 0)).toBe(false)
  })

  it('takes a nonce only from the address and port that it was given to', () => {
    const { mint, path, otherPort, otherHost } = setUp()
    const nonce = mint.mint(path, 5000)
    expect(mint.isFresh(nonce, otherPort, 5000)).toBe(false)
    expect(mint.isFresh(nonce, otherHost, 5000)).toBe(false)
  })

  it('takes none that was made with another key, or changed, or is no nonce', () => {
    const { mint, path } = setUp()
    expect(setUp(2).mint.isFresh(mint.mint(path, 5000), path, 5000)).toBe(false)
    const nonce = mint.mint(path, 5000)
    for (let at = 0; at < nonce.length; at++) {
      const changed = `${nonce.slice(0, at)}${nonce[at] === 'A' ? 'B' : 'A'}${nonce.slice(at + 1)}`
      expect(mint.isFresh(changed, path, 5000)).toBe(false)
    }
    for (const other of [
      '',
      nonce.slice(0, -1),
      `${nonce}A`,
      nonce.slice(0, 13),
      'obMatJos2gAAA????????????',
    ]) {
      expect(mint.isFresh(other, path, 5000)).toBe(false)
    }
  })
})
