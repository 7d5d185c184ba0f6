import type { TransportAddress } from '@crowfly/sansio'
import { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeData } from './attributes/data.ts'
import { encodeXorPeerAddress } from './attributes/xor-peer-address.ts'
import { encodeIndicationInPlace, indicationHeaderBytes } from './indication.ts'
import { TurnMethod } from './turn-method.ts'

const V4: TransportAddress = { family: 4, address: parseHex('c0000201'), port: 49170 }
const V6: TransportAddress = { family: 6, address: new SeededRandom(2).bytes(16), port: 65535 }
const TRANSACTION_ID = new SeededRandom(1).bytes(12)

describe('encodeIndicationInPlace', () => {
  it.each([
    ['send', V4, TurnMethod.SEND],
    ['data', V4, TurnMethod.DATA],
    ['send', V6, TurnMethod.SEND],
    ['data', V6, TurnMethod.DATA],
  ] as const)('writes a %s indication as the writer would', (kind, peer, method) => {
    for (let length = 0; length < 6; length++) {
      const payload = new SeededRandom(3).bytes(length)
      const writer = new StunMessageWriter(new Uint8Array(128))
      writer.writeHeader(method, 'indication', TRANSACTION_ID)
      encodeXorPeerAddress(writer, peer)
      encodeData(writer, payload)
      const bytes = new Uint8Array(128).fill(0xff)
      bytes.set(payload, 64)
      const run = { bytes, start: 64, end: 64 + length }
      expect(encodeIndicationInPlace(run, kind, peer, TRANSACTION_ID)).toBe(true)
      expect(formatHex(bytes.subarray(run.start, run.end))).toBe(formatHex(writer.message))
      expect(64 - run.start).toBe(indicationHeaderBytes(peer.family))
      expect(new StunMessage().decode(bytes, run.start, run.end)).toBeUndefined()
    }
  })

  it('takes 36 bytes of headroom for an IPv4 peer and 48 for an IPv6 one', () => {
    expect([indicationHeaderBytes(4), indicationHeaderBytes(6)]).toEqual([36, 48])
  })

  it.each([
    ['head', V4, 35, 40, 60],
    ['head', V6, 47, 50, 60],
    ['tail', V4, 36, 41, 43],
    ['length', V4, 36, 36 + 65_520, 70_000],
  ])('changes nothing without room for the %s', (_, peer, start, end, size) => {
    const bytes = new Uint8Array(size).fill(0xff)
    const run = { bytes, start, end }
    expect(encodeIndicationInPlace(run, 'data', peer, TRANSACTION_ID)).toBe(false)
    expect([run.start, run.end, bytes.every((byte) => byte === 0xff)]).toEqual([start, end, true])
  })

  it('writes nothing behind the limit', () => {
    const run = { bytes: new Uint8Array(64).fill(0xff), start: 36, end: 37 }
    expect(encodeIndicationInPlace(run, 'data', V4, TRANSACTION_ID, 39)).toBe(false)
    expect(encodeIndicationInPlace(run, 'data', V4, TRANSACTION_ID, 40)).toBe(true)
    expect(run.bytes[40]).toBe(0xff)
  })
})
