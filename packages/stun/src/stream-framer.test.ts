import { describeFramer, framesOf, parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeBindingRequest } from './binding.ts'
import { StunStreamFramer } from './stream-framer.ts'
import { createTransactionId } from './transaction-id.ts'

const ONE = encodeBindingRequest(new Uint8Array(12).fill(1))
const TWO = encodeBindingRequest(new Uint8Array(12).fill(2), { software: 'crowfly', hasFingerprint: true })

describeFramer('StunStreamFramer', {
  create: () => new StunStreamFramer(),
  first: ONE,
  others: [TWO, ONE],
  message: (random) =>
    encodeBindingRequest(createTransactionId(random), { software: 'x'.repeat(random.integer(128)) }),
  faults: [
    ['notStun', parseHex('474554202f20485454502f312e31')],
    ['notStun', parseHex('0001 0000 2112a443')],
    ['badLength', parseHex('0001 0003 2112a442')],
    ['tooLong', parseHex('0001 0800 2112a442')],
  ],
  misuse: 'STUN_FRAMER',
})

describe('StunStreamFramer', () => {
  it('takes messages up to its limit', () => {
    expect(framesOf(new StunStreamFramer({ maxMessageBytes: TWO.length }), TWO)).toEqual([TWO])
    const narrow = new StunStreamFramer({ maxMessageBytes: TWO.length - 4 })
    expect(framesOf(narrow, TWO)).toEqual([])
    expect(narrow.fault).toBe('tooLong')
  })

  it('takes the longest message there is in single bytes', () => {
    const framer = new StunStreamFramer({ maxMessageBytes: 65_552 })
    const longest = new Uint8Array(65_552)
    longest.set(parseHex('0001 fffc 2112a442'))
    expect(framesOf(framer, longest.subarray(0, -1), () => 1)).toEqual([])
    expect(framesOf(framer, longest.subarray(-1))).toEqual([longest])
  })

  it('refuses a limit that no message fits', () => {
    for (const maxMessageBytes of [19, 65_553, Number.NaN]) {
      expect(() => new StunStreamFramer({ maxMessageBytes })).toThrow(
        expect.objectContaining({ code: 'STUN_FRAMER' }),
      )
    }
  })
})
