import { describe, expect, it } from 'vitest'
import type { OpenRoom } from '../code/room-code.ts'
import { canoe, TwoPeople } from '../testing/two-people.ts'

const open: OpenRoom = { kind: 'open', nameplate: canoe.nameplate }

describe('a room without a secret', () => {
  it('pairs whoever is let in', () => {
    const { ann, bob } = new TwoPeople(1, open).pair()
    expect(ann.emoji).toEqual(bob.emoji)
  })

  it('is another one than the room with a code under the same nameplate, either way', () => {
    for (const people of [new TwoPeople(1, open, canoe), new TwoPeople(1, canoe, open)]) {
      const outcome = people.ann.handleOpen(people.open(), people.bobId, 0)
      expect(outcome.type).toBe('guessed')
    }
  })

  it('is not what a code without a secret becomes', () => {
    const empty = { kind: 'chosen', nameplate: 'kitchen', secret: '' } as const
    expect(() => new TwoPeople(1, empty)).toThrow(expect.objectContaining({ code: 'PAIRING_PASSWORD' }))
  })
})
