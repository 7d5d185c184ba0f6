import { TurnMethod } from '@crowfly/turn'
import { type Attack, NotApplicable } from '../attack.ts'
import { writeUdp } from '../client/messages.ts'
import { transportAddress } from '../client/wire.ts'
import { pause } from '../pause.ts'
import { FORBIDDEN_V4 } from './forbidden-addresses.ts'

const otherRoom: Attack = {
  name: 'another room’s allocations',
  kinds: ['rooms'],
  async run(arena, evidence) {
    const credentials = arena.other
    const [mine, theirs] = [await arena.allocation(), await arena.allocation({ credentials })]
    const [mineAddress, theirAddress] = [arena.relayedOf(mine), arena.relayedOf(theirs)]
    // Both are ready to talk, as far as permissions go.
    await mine.permit(theirAddress)
    await theirs.permit(mineAddress)
    mine.send(theirAddress, 'into another room')
    const bound = await mine.bind(0x4000, theirAddress)
    mine.sendOn(0x4000, 'into another room')
    const nobody = { ...theirAddress, port: theirAddress.port === 65_535 ? 1024 : theirAddress.port + 1 }
    const unbound = await mine.bind(0x4001, nobody)
    await arena.settle()
    evidence.must(!theirs.has('into another room'), 'data passed')
    evidence.must(bound.outcome === 403, `ChannelBind: ${bound.outcome} instead of 403`)
    evidence.must(bound.outcome === unbound.outcome, 'one can tell other rooms’ allocations from none at all')
    evidence.must(bound.bytes === unbound.bytes, 'the two refusals differ in length')
  },
}

const scan: Attack = {
  name: 'every port of the relayed address, in search of other rooms',
  kinds: ['rooms'],
  async run(arena, evidence) {
    const credentials = arena.other
    const [mine, theirs] = [await arena.allocation(), await arena.allocation({ credentials })]
    const theirAddress = arena.relayedOf(theirs)
    await theirs.permit(arena.relayedOf(mine))
    await mine.permit(theirAddress)
    for (let port = 1024; port < 65_536; port++) {
      mine.send({ ...theirAddress, port }, 'to every port')
      if (port % 256 === 0) await pause(arena.isShort ? 2 : 20)
    }
    await arena.settle(2)
    evidence.must(!theirs.has('to every port'), 'another room’s allocation received something')
    // One port is one's own, and one may talk to oneself.
    const own = arena.relayedOf(mine).port
    const strange = mine.arrivals.filter(({ peer }) => peer?.port !== own)
    evidence.must(strange.length === 0, `${strange.length} packets came back`)
  },
}

const foreignPeers: Attack = {
  name: 'peers that are no relayed addresses',
  kinds: ['rooms'],
  async run(arena, evidence) {
    const client = await arena.allocation()
    const hosts = [...FORBIDDEN_V4.slice(0, 6).map(({ address }) => address), '20.0.0.9', '8.8.8.8']
    for (const [index, host] of hosts.entries()) {
      const peer = transportAddress(host, arena.victim.port)
      const permission = await client.permit(peer)
      const binding = await client.bind(0x4000 + index, peer)
      // Firefox gives up a whole allocation on any other code.
      evidence.must(permission.outcome === 403, `CreatePermission for ${host}: ${permission.outcome}`)
      evidence.must(binding.outcome === 403, `ChannelBind for ${host}: ${binding.outcome}`)
      client.send(peer, `to the foreign ${host}`)
    }
    await arena.settle()
    for (const host of hosts) {
      evidence.must(!arena.victim.seen.has(`to the foreign ${host}`), `a packet reached ${host}`)
    }
  },
}

const gone: Attack = {
  name: 'a member who has left, with an allocation and credentials that have not expired',
  kinds: ['rooms'],
  async run(arena, evidence) {
    const { leaver } = arena.target
    if (leaver === undefined) throw new NotApplicable('needs somebody who can leave a room')
    const { credentials } = leaver
    const [one, two] = [await arena.allocation({ credentials }), await arena.allocation({ credentials })]
    const [from, to] = [arena.relayedOf(one), arena.relayedOf(two)]
    await one.permit(to)
    await two.permit(from)
    one.send(to, 'while in the room')
    const isPassed = await arena.arrives(two, 'while in the room')
    evidence.must(isPassed, 'nothing passed while they were there')
    leaver.leave()
    await arena.settle(2)
    one.send(to, 'after leaving')
    const asked = [await one.refresh(), await one.permit(to)]
    const fresh = await arena.client({ credentials })
    asked.push(await fresh.allocate())
    await arena.settle()
    evidence.must(!two.has('after leaving'), 'data passed')
    for (const { outcome } of asked) evidence.must(outcome !== 'success', 'a request succeeded')
    evidence.note(`Refresh, CreatePermission, Allocate: ${asked.map(({ outcome }) => outcome).join(', ')}`)
  },
}

const alteredNames: Attack = {
  name: 'usernames with a later expiry, another room, another member, and one’s own password',
  kinds: ['rooms'],
  async run(arena, evidence) {
    const client = await arena.client()
    await client.request(TurnMethod.REFRESH)
    const { user } = arena.target
    const [mine, theirs] = [user.username.split(':'), arena.other.username.split(':')]
    const [expiry = '', room = '', member = ''] = mine
    const [, otherRoom = '', otherMember = ''] = theirs
    const names = [
      `${Number(expiry) + 1}:${room}:${member}`,
      `0${expiry}:${room}:${member}`,
      `${expiry}:${otherRoom}:${member}`,
      `${expiry}:${room}:${otherMember}`,
      arena.other.username,
      `${expiry}:${room}`,
      `${expiry}:${room}:${member}:`,
      `${expiry}:${room}:${member} `,
      `1:${room}:${member}`,
    ]
    for (const username of names) {
      const auth = client.authAs({ username, password: user.password })
      const { outcome } = await client.ask(client.build(TurnMethod.ALLOCATE, writeUdp, auth))
      evidence.must(outcome !== 'success', `${username} was believed`)
    }
  },
}

export const rooms: readonly Attack[] = [otherRoom, scan, foreignPeers, alteredNames, gone]
