import { TurnMethod } from '@crowfly/turn'
import { type Attack, NotApplicable } from '../attack.ts'
import { buildMessage, writeUdp } from '../client/messages.ts'
import type { Credentials, Outcome, TurnClient } from '../client/turn-client.ts'
import { pause } from '../pause.ts'

const AT_ONCE = 16

/** Allocations until one is refused or there are `most`; says what the refusal was. */
async function allocateMany(
  most: number,
  open: () => Promise<TurnClient>,
): Promise<{ granted: number; refusals: Map<Outcome, number>; holders: TurnClient[] }> {
  const holders: TurnClient[] = []
  const refusals = new Map<Outcome, number>()
  for (let made = 0; made < most && (holders.length === made || made < 64); made += AT_ONCE) {
    const clients = await Promise.all(Array.from({ length: AT_ONCE }, open))
    const tries = clients.map(async (client) => ({ client, outcome: await allocateAnyhow(client) }))
    for (const { client, outcome } of await Promise.all(tries)) {
      if (outcome === 'success') holders.push(client)
      else refusals.set(outcome, (refusals.get(outcome) ?? 0) + 1)
    }
  }
  return { granted: holders.length, refusals, holders }
}

/** Asks once more when nothing comes back; if only the answer was lost, the server says that it is there already. */
async function allocateAnyhow(client: TurnClient): Promise<Outcome> {
  const { outcome } = await client.allocate()
  if (outcome !== 'silence') return outcome
  const again = await client.allocate()
  return again.outcome === 437 ? 'success' : again.outcome
}

function inTurn(users: readonly Credentials[], turn: number): Credentials {
  const user = users[turn % users.length]
  if (user === undefined) throw new NotApplicable('needs users')
  return user
}

function isAll(refusals: Map<Outcome, number>, code: number): boolean {
  return refusals.size > 0 && [...refusals.keys()].every((outcome) => outcome === code)
}

function inWords(refusals: Map<Outcome, number>): string {
  return Array.from(refusals, ([outcome, count]) => `${outcome} ${count} times`).join(', ') || 'no refusal'
}

const oneUser: Attack = {
  name: 'allocations without end by one user, from many addresses',
  async run(arena, evidence) {
    const credentials = arena.target.flooder ?? arena.other
    const most = arena.isShort ? 512 : 4096
    const { granted, refusals } = await allocateMany(most, () => arena.client({ credentials }))
    evidence.must(granted < most, `all ${granted} were granted: no limit for each user`)
    evidence.note(`${granted} granted, then ${inWords(refusals)}`)
    const another = await arena.client()
    const { outcome } = await another.allocate()
    evidence.must(outcome === 'success', `meanwhile another user’s: ${outcome}`)
  },
}

const oneAddress: Attack = {
  name: 'allocations without end from one address',
  async run(arena, evidence) {
    const source = arena.source()
    if (source === undefined) throw new NotApplicable('needs several addresses of its own')
    const most = arena.isShort ? 512 : 4096
    const { limits } = arena.target
    // Of a server whose limits are not known: that one of them ends it at all. A user's alone is within reach then.
    const users = limits === undefined ? [arena.target.flooder ?? arena.other] : arena.users
    let asked = 0
    const { granted, refusals } = await allocateMany(most, () =>
      arena.client({ credentials: inTurn(users, asked++), source }),
    )
    evidence.must(granted < most, `all ${granted} were granted`)
    evidence.note(
      `${granted} granted to ${users.length === 1 ? 'one user' : `${users.length} users`}, then ${inWords(refusals)}`,
    )
    if (limits === undefined) return
    const { perAddress, perUser } = limits
    evidence.must(granted === perAddress, `${granted} were granted, not ${perAddress}`)
    evidence.must(isAll(refusals, 486), `refused with ${inWords(refusals)} instead of 486`)
    // It was the address that ended it, not one of the users.
    evidence.must(granted / users.length < perUser, 'the users’ own limit was reached')
    for (const credentials of users) {
      const elsewhere = await arena.client({ credentials })
      const { outcome } = await elsewhere.allocate()
      evidence.must(outcome === 'success', `${credentials.username} from another address: ${outcome}`)
    }
  },
}

const everyPlace: Attack = {
  name: 'every allocation that there is, by a crowd of users',
  isLong: true,
  needs: 'crowd',
  async run(arena, evidence) {
    const { crowd = [], limits } = arena.target
    if (limits === undefined) throw new NotApplicable('needs to know how many allocations there are')
    const { inAll } = limits
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    let asked = 0
    const { granted, refusals, holders } = await allocateMany(inAll + AT_ONCE, () =>
      arena.client({ credentials: inTurn(crowd, asked++) }),
    )
    evidence.must(granted < inAll && granted > inAll * 0.95, `${granted} granted of ${inAll} that there are`)
    evidence.must(isAll(refusals, 508), `refused with ${inWords(refusals)} instead of 508`)
    evidence.note(`${granted} granted to ${crowd.length} users, then ${inWords(refusals)}`)
    const served = [
      await client.refresh(),
      await client.permit(good.peer),
      await client.bind(0x4000, good.peer),
    ]
    for (const { outcome } of served) {
      evidence.must(outcome === 'success', `one who was there before is answered ${outcome}`)
    }
    client.sendOn(0x4000, 'through the crowd')
    await arena.mustArrive(good, 'through the crowd', evidence)
    const newcomer = await arena.client()
    const full = await newcomer.allocate()
    evidence.must(full.outcome === 508, `a newcomer: ${full.outcome} instead of 508`)
    await holders[0]?.release()
    const { outcome } = await newcomer.allocate()
    evidence.must(outcome === 'success', `the newcomer, once there is a place: ${outcome}`)
  },
}

const strangers: Attack = {
  name: 'Allocate without credentials from thousands of addresses',
  async run(arena, evidence) {
    const addresses = arena.isShort ? 400 : 10_000
    const message = buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)
    let answered = 0
    for (let made = 0; made < addresses; made += 50) {
      const clients = await Promise.all(Array.from({ length: 50 }, () => arena.client()))
      // Ten thousand a second: it is what is remembered of them that is tried, not how many a server can hear.
      for (let n = 0; n < 10; n++) {
        for (const client of clients) client.wire.send(message)
        await pause(5)
      }
      await pause(10)
      for (const client of clients) {
        if (client.received.messages > 0) answered++
        client.close()
      }
    }
    const last = await arena.client()
    const { outcome } = await last.allocate()
    evidence.must(outcome === 'success', `an allocation afterwards: ${outcome}`)
    evidence.note(`${addresses} addresses, 10 requests each, ${answered} of them answered`)
  },
}

const neighbour: Attack = {
  name: 'a flood from the very address of an honest client',
  async run(arena, evidence) {
    const source = arena.source()
    if (source === undefined) throw new NotApplicable('needs several addresses of its own')
    const client = await arena.allocation({ source })
    const flooder = await arena.client({ source })
    const message = buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)
    const count = arena.isShort ? 2000 : 50_000
    for (let sent = 0; sent < count; sent++) {
      flooder.wire.send(message)
      if (sent % 100 === 99) await pause(4)
    }
    const { outcome } = await client.refresh()
    evidence.must(outcome === 'success', `its refresh: ${outcome}`)
    const { peer } = await arena.goodPeer()
    const permission = await client.permit(peer)
    evidence.must(permission.outcome === 'success', `its CreatePermission: ${permission.outcome}`)
    evidence.note(`${flooder.received.messages} of ${count} were answered`)
  },
}

const churn: Attack = {
  name: 'allocations made and ended without end',
  async run(arena, evidence) {
    const rounds = arena.isShort ? 200 : 10_000
    const clients = await Promise.all(Array.from({ length: 4 }, () => arena.client()))
    let done = 0
    for (let round = 0; round < rounds; round += clients.length) {
      const ends = clients.map(async (client) => {
        const made = await client.allocate()
        const ended = await client.release()
        if (made.outcome === 'success' && ended.outcome === 'success') done++
      })
      await Promise.all(ends)
    }
    evidence.must(done >= rounds * 0.9, `only ${done} of ${rounds} could be made and ended`)
  },
}

const greedy: Attack = {
  name: 'an allocation that sends as fast as it can',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const { peer } = await arena.goodPeer()
    await client.permit(peer)
    await client.bind(0x4000, peer)
    const text = 'x'.repeat(1200)
    const count = arena.isShort ? 10_000 : 500_000
    for (let sent = 0; sent < count; sent++) {
      client.sendOn(0x4000, text)
      if (sent % 64 === 63) await pause(1)
    }
    const { outcome } = await client.refresh()
    evidence.must(outcome === 'success', `its refresh afterwards: ${outcome}`)
    evidence.note(`${count} packets of 1,200 bytes`)
  },
}

export const floods: readonly Attack[] = [
  greedy,
  oneUser,
  oneAddress,
  strangers,
  neighbour,
  churn,
  everyPlace,
]
