import { encodeUtf8 } from '@crowfly/bytes'
import { formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { PairingKeys } from '../seal/pairing-keys.ts'
import { TwoPeople } from '../testing/two-people.ts'
import { Binding } from './bind.ts'
import { commitTo } from './commitment.ts'
import { chooseEmoji } from './emoji.ts'
import { emojiTable } from './emoji-table.ts'
import { parseFingerprint } from './fingerprint.ts'

const digest = (octet: string, length = 32): string => Array.from({ length }, () => octet).join(':')
const sdp = (value: string): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\na=fingerprint:${value}\r\nm=audio 9\r\n`

describe('the emoji', () => {
  it('are 64, each with a name of its own', () => {
    expect(emojiTable).toHaveLength(64)
    expect(new Set(emojiTable.map(({ symbol }) => symbol)).size).toBe(64)
    expect(new Set(emojiTable.map(({ name }) => name)).size).toBe(64)
    expect([emojiTable[0]?.name, emojiTable[63]?.name]).toEqual(['Dog', 'Pin'])
  })

  it('are chosen by six bits each, the highest first', () => {
    // 0, 1, 2, 3, 62, 63 and 32, and six bits that do not count.
    const octets = parseHex('001083fbf82a')
    const names = chooseEmoji(octets).map(({ name }) => name)
    expect(names).toEqual([0, 1, 2, 3, 62, 63, 32].map((number) => emojiTable[number]?.name))
  })
})

describe('a commitment', () => {
  it('is SHA-512 over label, sid and nonce, cut to 32 octets', async () => {
    const { createHash } = await import('node:crypto')
    const sid = new Uint8Array(32).fill(1)
    const nonce = new Uint8Array(32).fill(2)
    const hash = createHash('sha512')
      .update('\x15crowfly-pair-1 commit\x20')
      .update(sid)
      .update('\x20')
      .update(nonce)
    expect(formatHex(commitTo(nonce, sid))).toBe(hash.digest('hex').slice(0, 64))
  })
})

describe('a fingerprint', () => {
  it.each([
    [`sha-256 ${digest('AB')}`, `sha-256 ${digest('AB')}`],
    [`SHA-384  ${digest('ab', 48)} `, `sha-384 ${digest('AB', 48)}`],
    [`sha-512 ${digest('0f', 64)}`, `sha-512 ${digest('0F', 64)}`],
  ])('is found in a=fingerprint:%s', (value, fingerprint) => {
    expect(parseFingerprint(sdp(value))).toEqual({ fingerprint })
    expect(parseFingerprint(`${sdp(value)}${sdp(value).replaceAll('\r', '')}`)).toEqual({ fingerprint })
  })

  it.each([
    ['v=0\r\n', 'missingFingerprint'],
    [`v=0\r\ns=a=fingerprint:sha-256 ${digest('AB')}\r\n`, 'missingFingerprint'],
    [sdp(`sha-1 ${digest('AB', 20)}`), 'weakFingerprint'],
    [sdp(`md5 ${digest('AB', 16)}`), 'weakFingerprint'],
    [sdp(`__proto__ ${digest('AB')}`), 'weakFingerprint'],
    [sdp(''), 'weakFingerprint'],
    [sdp('sha-256'), 'malformedFingerprint'],
    [sdp(`sha-256 ${digest('AB', 31)}`), 'malformedFingerprint'],
    [sdp(`sha-256 ${digest('XY')}`), 'malformedFingerprint'],
    [sdp(`sha-256 ${digest('AB')} more`), 'malformedFingerprint'],
    [sdp(`sha-256 ${digest('AB')}`) + sdp(`sha-256 ${digest('CD')}`), 'severalFingerprints'],
    [sdp(`sha-256 ${digest('AB')}`) + sdp(`sha-1 ${digest('AB', 20)}`), 'weakFingerprint'],
  ])('is refused in %j', (text, problem) => expect(parseFingerprint(text)).toEqual({ problem }))
})

describe('a bind message', () => {
  const annSdp = sdp(`sha-256 ${digest('AA')}`)
  const bobSdp = sdp(`sha-256 ${digest('BB')}`)

  it('says which certificates both see, under the key of its direction', async () => {
    const { createHmac } = await import('node:crypto')
    const keys = new PairingKeys(new SeededRandom(1).bytes(64), 'member')
    const binding = new Binding('member', keys)
    binding.pinOwn(annSdp)
    binding.pinPeer(bobSdp)
    const fingerprint = (octet: string): string => `\x67sha-256 ${digest(octet)}`
    const input = encodeUtf8(`\x01A${fingerprint('AA')}${fingerprint('BB')}`)
    expect(formatHex(binding.message())).toBe(createHmac('sha512', keys.bindOut).update(input).digest('hex'))
  })

  it('convinces the other side, and nobody else', () => {
    const { ann, bob } = new TwoPeople().pair()
    expect(() => ann.binding.message()).toThrow('pinOwn')
    for (const side of [ann, bob]) {
      expect(side.binding.pinOwn(side === ann ? annSdp : bobSdp)).toBeUndefined()
      expect(side.binding.pinPeer(side === ann ? bobSdp : annSdp)).toBeUndefined()
    }
    expect(bob.binding.isMessageOfPeer(ann.binding.message())).toBe(true)
    expect(ann.binding.isMessageOfPeer(bob.binding.message())).toBe(true)
    expect(ann.binding.isMessageOfPeer(ann.binding.message())).toBe(false)
    expect(ann.binding.isMessageOfPeer(new Uint8Array(0))).toBe(false)
    expect(new TwoPeople(2).pair().bob.channel.pid).not.toEqual(bob.pid)
  })

  it('does not, where the two sides see different certificates', () => {
    const { ann, bob } = new TwoPeople().pair()
    ann.binding.pinOwn(annSdp)
    ann.binding.pinPeer(bobSdp)
    bob.binding.pinOwn(bobSdp)
    bob.binding.pinPeer(sdp(`sha-256 ${digest('CC')}`))
    expect(bob.binding.isMessageOfPeer(ann.binding.message())).toBe(false)
  })

  it('is of one certificate for each side and pairing', () => {
    const { ann } = new TwoPeople().pair()
    expect(ann.binding.pinPeer('v=0')).toBe('missingFingerprint')
    expect(ann.binding.pinOwn('v=0')).toBe('missingFingerprint')
    expect(ann.binding.pinPeer(bobSdp)).toBeUndefined()
    expect(ann.binding.pinPeer(bobSdp)).toBeUndefined()
    expect(ann.binding.pinPeer(annSdp)).toBe('changedFingerprint')
    expect(ann.binding.pinOwn(annSdp)).toBeUndefined()
    expect(ann.binding.pinOwn(bobSdp)).toBe('changedFingerprint')
  })
})
