import { describe, expect, it } from 'vitest'
import { TwoPeople } from '../testing/two-people.ts'
import { answerUnknown, decodeUnknown, encodeUnknown } from './unknown-pairing.ts'

describe('the answer to an envelope of a pairing that is not known', () => {
  it('names the pairing', () => {
    const { ann } = new TwoPeople().pair()
    const envelope = ann.channel.sealAck()
    if (envelope === undefined) throw new TypeError('nothing was sealed')
    const answer = answerUnknown(envelope)
    expect(answer).toEqual(encodeUnknown(ann.pid))
    expect(decodeUnknown(answer ?? new Uint8Array(0))).toEqual(ann.pid)
  })

  it('is not given to anything else, and not taken from anything else', () => {
    const { open } = new TwoPeople().pair()
    expect(answerUnknown(open)).toBeUndefined()
    expect(answerUnknown(new Uint8Array(0))).toBeUndefined()
    for (const octets of [new Uint8Array(0), open, Uint8Array.of(6, 1, 2), new Uint8Array(10).fill(6)]) {
      expect(decodeUnknown(octets)).toBeUndefined()
    }
  })
})

describe('a pairing in doubt', () => {
  it('goes on, and gives way to another one of the same member', () => {
    const people = new TwoPeople()
    const first = people.pair()
    const id = people.bobId
    expect(people.annRegistry.check(id, id)).toBe('alreadyPaired')
    people.annRegistry.doubt(id)
    people.bobRegistry.doubt(people.annId)
    expect(people.annRegistry.check(id, id)).toBeUndefined()
    const second = people.pair()
    expect(people.annRegistry.check(id, id)).toBe('alreadyPaired')
    first.ann.close()
    // The one that has taken its place stays.
    expect(people.annRegistry.check(id, id)).toBe('alreadyPaired')
    second.ann.close()
    expect(people.annRegistry.check(id, id)).toBeUndefined()
  })
})
