import { describe, expect, it } from 'vitest'
import { note, notes, RoomWorld } from '../test/room-world.ts'

describe('a member session', () => {
  it('creates a room, is joined, and both exchange messages in order', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    expect(bob.find('joined')?.members).toEqual([ann.id])
    world.until(() => ann.has('memberJoined'))
    expect(ann.find('memberJoined')).toEqual({ type: 'memberJoined', member: bob.id, isNewcomer: true })
    expect(bob.send(ann, note('1'))).toBe(true)
    expect(ann.send(bob, note('a'))).toBe(true)
    bob.send(ann, note('2'))
    world.until(() => notes(ann, bob).length === 2 && notes(bob, ann).length === 1)
    expect(notes(ann, bob)).toEqual(['1', '2'])
    expect(notes(bob, ann)).toEqual(['a'])
  })
})
