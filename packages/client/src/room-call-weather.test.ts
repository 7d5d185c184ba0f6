import type { RoomCode } from '@crowfly/pairing'
import { forEachSeedAsync } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { CallWorld, type FakePage } from './testing/call-world.ts'

/** People with one code, who are let in by whoever is rung. */
class Gathering {
  readonly world: CallWorld
  readonly pages: FakePage[] = []
  readonly code: RoomCode
  #joined = 0

  constructor(world: CallWorld, first: FakePage) {
    this.world = world
    this.code = world.codeOf(first)
    this.#add(first)
  }

  get present(): readonly FakePage[] {
    return this.pages.filter((page) => page.phase !== 'ended')
  }

  /** Whether everybody sees exactly all the others. */
  get isWhole(): boolean {
    return this.present.every((page) => {
      const others = this.present.filter((other) => other !== page).map((other) => other.snapshot.selfId)
      const seen = page.snapshot.peers
        .filter((peer) => peer.connection === 'connected')
        .map((peer) => peer.id)
      return page.snapshot.server === 'online' && [...seen].sort().join() === [...others].sort().join()
    })
  }

  join(): void {
    this.#joined += 1
    if (this.world.random.chance(0.3)) this.world.network.firefoxes.add(`guest ${this.#joined}`)
    const room = { kind: 'join', code: this.code, ifEmpty: 'wait' } as const
    this.#add(this.world.join(`guest ${this.#joined}`, this.code, { room }))
  }

  reload(page: FakePage): void {
    if (page.snapshot.code === null) return
    this.#add(page.reload('wait'))
  }

  #add(page: FakePage): void {
    this.pages.push(page)
    page.call.subscribe(() => {
      for (const caller of page.snapshot.callers) page.call.accept(caller.id)
    })
  }
}

/** One thing that happens to somebody. */
function disturb(gathering: Gathering): void {
  const { world, present } = gathering
  const { random, network } = world
  // A reload while the server is down can end the last one's call.
  if (present.length === 0) return
  const page = random.pick(present)
  switch (random.integer(9)) {
    case 0:
      if (present.length < 4) gathering.join()
      break
    case 1:
      if (present.length > 2) page.call.leave()
      break
    case 2:
      gathering.reload(page)
      break
    case 3:
      if (world.place.host === null) world.startServer()
      else world.killServer()
      break
    case 4:
      page.silence()
      break
    case 5:
      page.unsilence()
      break
    case 6:
      network.roam(page.name)
      if (random.chance(0.5)) page.tell('networkChanged')
      break
    case 7:
      if (random.chance(0.5)) network.cut(page.name)
      else network.plug(page.name)
      break
    case 8:
      void page.media.setCamera(random.chance(0.5))
  }
}

test('whatever happens to a call, afterwards everybody sees everybody', { timeout: 120_000 }, async () => {
  await forEachSeedAsync(40, async (seed) => {
    const world = new CallWorld(seed)
    const { page } = await world.host('host')
    const gathering = new Gathering(world, page)
    gathering.join()
    await world.until(() => gathering.isWhole && gathering.present.length === 2)
    for (let left = 4 + world.random.integer(10); left > 0; left--) {
      disturb(gathering)
      await world.advance(world.random.integer(world.random.chance(0.2) ? 45_000 : 4_000))
    }
    if (world.place.host === null) world.startServer()
    for (const one of gathering.pages) {
      one.unsilence()
      world.network.plug(one.name)
    }
    await world.until(() => gathering.isWhole, 300_000)
    await world.advance(30_000)
    expect(gathering.isWhole).toBe(true)
    const living = gathering.present.flatMap(({ name }) => world.network.on(name))
    expect(living.filter(({ isDeaf }) => isDeaf)).toEqual([])
  })
})
