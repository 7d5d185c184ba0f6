import { describe, expect, it } from 'vitest'
import { note, notes, RoomWorld, type WorldMember } from './testing/room-world.ts'

function pair(world = new RoomWorld()): { world: RoomWorld; ann: WorldMember; bob: WorldMember } {
  const ann = world.creator()
  const bob = world.joiner(ann)
  bob.send(ann, note('open'))
  world.advance(10_000)
  return { world, ann, bob }
}

describe('a dead connection', () => {
  it('is found within 5 s by both sides, replaced, and nobody leaves', () => {
    const { world, ann, bob } = pair()
    ann.cut()
    const start = world.clock.now()
    world.until(() => ann.has('connectionLost') && bob.has('memberAway'))
    expect(world.clock.now() - start).toBeLessThan(5_000)
    world.until(() => ann.has('connectionRestored') && bob.has('memberBack'))
    expect(world.clock.now() - start).toBeLessThan(5_200)
    expect(bob.has('memberLeft')).toBe(false)
    expect(world.server.counters.resumed).toBe(1)
  })

  it('loses nothing that was sent into it, either way', () => {
    const { world, ann, bob } = pair()
    ann.cut()
    for (const text of ['1', '2', '3']) {
      ann.send(bob, note(text))
      bob.send(ann, note(text))
      world.advance(700)
    }
    world.advance(10_000)
    expect(notes(ann, bob)).toEqual(['open', '1', '2', '3'])
    expect(notes(bob, ann)).toEqual(['1', '2', '3'])
  })

  it('is found at once after a change of network', () => {
    const { world, ann } = pair()
    ann.cut()
    ann.handleNetworkChange()
    const start = world.clock.now()
    world.until(() => ann.has('connectionRestored'))
    expect(world.clock.now() - start).toBeLessThan(1_600)
  })

  it('stays if it turns out to be alive', () => {
    const { world, ann } = pair()
    ann.handleNetworkChange()
    world.advance(10_000)
    expect(ann.has('connectionLost')).toBe(false)
  })

  it('is tried again at once after a change of network, without waiting for the next turn', () => {
    const { world, ann } = pair()
    ann.cut()
    ann.isOffline = true
    world.advance(20_000)
    ann.isOffline = false
    ann.handleNetworkChange()
    world.advance(100)
    expect(ann.has('connectionRestored')).toBe(true)
  })

  it('makes its member leave after the grace, and all meet again when they come back', () => {
    const { world, ann, bob } = pair()
    ann.cut()
    ann.isOffline = true
    const start = world.clock.now()
    world.until(() => bob.has('memberLeft'))
    expect(bob.find('memberLeft')).toEqual({ type: 'memberLeft', member: ann.id, reason: 'expired' })
    expect(world.clock.now() - start).toBeGreaterThan(30_000)
    ann.isOffline = false
    world.until(() => bob.all('memberJoined').length === 1 && ann.has('connectionRestored'))
    // Bob came later, so that he opens, as the first time.
    expect(bob.find('memberJoined')).toEqual({ type: 'memberJoined', member: ann.id, isNewcomer: false })
    bob.send(ann, note('again'))
    world.until(() => notes(ann, bob).includes('again'))
    // To Ann he was there all the time.
    expect(ann.has('memberLeft')).toBe(false)
    expect(ann.find('memberReturned')).toEqual({ type: 'memberReturned', member: bob.id })
  })
})

describe('a server that restarts with an empty memory', () => {
  it('gets its rooms back from their members, who hear of nobody leaving', () => {
    const { world, ann, bob } = pair()
    world.crash()
    ann.send(bob, note('into the void'))
    world.advance(2_000)
    world.start()
    world.until(() => ann.has('connectionRestored') && bob.has('connectionRestored'))
    world.advance(40_000)
    expect(world.server.counters).toMatchObject({ rooms: 1, members: 2, resumed: 0 })
    expect(notes(bob, ann)).toEqual([])
    expect(ann.all('memberReturned').map(({ member }) => member)).toEqual([bob.id])
    ann.send(bob, note('into the void, again'))
    world.until(() => notes(bob, ann).length === 1)
    for (const member of [ann, bob]) {
      expect(member.all('joined')).toHaveLength(1)
      expect(member.has('memberLeft')).toBe(false)
      expect(member.has('refused')).toBe(false)
    }
    const cat = world.joiner(ann)
    expect(new Set(cat.find('joined')?.members.map(({ id }) => id))).toEqual(new Set([ann.id, bob.id]))
  })

  it('says goodbye when it is stopped in order', () => {
    const { world, ann, bob } = pair()
    world.shutdown()
    world.until(() => ann.has('connectionLost') && bob.has('connectionLost'))
    expect(ann.find('connectionLost')).toEqual({ type: 'connectionLost', isServerStopping: true })
    world.start()
    world.until(() => ann.has('connectionRestored') && bob.has('connectionRestored'), 5_000)
  })

  it('counts a member who does not come back as away for the grace, then as left', () => {
    const { world, ann, bob } = pair()
    bob.isOffline = true
    world.crash()
    world.start()
    world.until(() => ann.has('connectionRestored'))
    expect(ann.find('memberAway')).toEqual({ type: 'memberAway', member: bob.id })
    const start = world.clock.now()
    world.until(() => ann.has('memberLeft'))
    expect(world.clock.now() - start).toBeCloseTo(30_000, -2)
    expect(ann.find('memberLeft')).toEqual({ type: 'memberLeft', member: bob.id, reason: 'expired' })
  })

  it('brings two together of whom one had given the other up', () => {
    const { world, ann, bob } = pair()
    bob.isOffline = true
    bob.cut()
    world.until(() => ann.has('memberLeft'))
    world.crash()
    world.start()
    bob.isOffline = false
    world.until(() => bob.has('memberReturned') && ann.all('memberJoined').length === 2)
    expect(ann.all('memberJoined')[1]).toEqual({ type: 'memberJoined', member: bob.id, isNewcomer: true })
    expect(bob.has('memberLeft')).toBe(false)
    bob.send(ann, note('again'))
    world.until(() => notes(ann, bob).includes('again'))
    expect(ann.send(bob, note('yes'))).toBe(true)
    world.until(() => notes(bob, ann).includes('yes'))
  })
})

describe('a server out of reach', () => {
  it('is called unreachable after three tries, once, and tried on', () => {
    const world = new RoomWorld()
    world.network.conditions = { ...world.network.conditions, admission: 'refuse' }
    const ann = world.member()
    ann.open({ kind: 'create' })
    world.until(() => ann.has('unreachable'))
    expect(ann.all('connect').length).toBeLessThanOrEqual(4)
    world.advance(60_000)
    expect(ann.all('unreachable')).toHaveLength(1)
    world.network.conditions = { ...world.network.conditions, admission: 'accept' }
    world.until(() => ann.has('joined'), 10_000)
    expect(ann.has('connectionLost')).toBe(false)
  })

  it('is tried less and less often, but at least every 8 s, and an attempt may hang', () => {
    const world = new RoomWorld()
    const ann = world.member()
    ann.isOffline = true
    ann.open({ kind: 'create' })
    world.advance(160_000)
    const tries = ann.all('connect').length
    expect(tries).toBeGreaterThanOrEqual(160 / 16)
    expect(tries).toBeLessThan(30)
    ann.isOffline = false
    world.until(() => ann.has('joined'), 17_000)
  })
})
