import { equalTransportAddress, type TransportAddress } from '@crowfly/sansio'
import type { Arena } from '../arena.ts'
import { type Attack, type Evidence, NotApplicable } from '../attack.ts'
import type { TurnClient } from '../client/turn-client.ts'
import { transportAddress } from '../client/wire.ts'
import { SERVER_ADDRESS } from '../own-network.ts'
import { FORBIDDEN_V4, FORBIDDEN_V6, type ForbiddenAddress } from './forbidden-addresses.ts'

/** Permissions and channels asked of one allocation: fewer than any limit on them. */
const PER_ALLOCATION = 8

type Allocate = () => Promise<TurnClient>

/** Tries one address by each method that names a peer, and sends by each way that carries data. */
async function tryPeer(
  client: TurnClient,
  what: string,
  peer: TransportAddress,
  channel: number,
  evidence: Evidence,
): Promise<string[]> {
  const tokens = ['unasked', 'permitted', 'bound'].map((way) => `${what} ${way}`)
  const [unasked = '', permitted = '', bound = ''] = tokens
  client.send(peer, unasked)
  const permission = await client.permit(peer)
  evidence.must(permission.outcome !== 'success', `CreatePermission was granted for ${what}`)
  client.send(peer, permitted)
  const binding = await client.bind(channel, peer)
  evidence.must(binding.outcome !== 'success', `ChannelBind was granted for ${what}`)
  client.sendOn(channel, bound)
  return tokens
}

/** Tries every address of a list, allocation after allocation. */
async function tryAll(
  arena: Arena,
  addresses: readonly ForbiddenAddress[],
  allocate: Allocate,
  evidence: Evidence,
): Promise<void> {
  const tokens: string[] = []
  for (let at = 0; at < addresses.length; at += PER_ALLOCATION) {
    const client = await allocate()
    const batch = addresses.slice(at, at + PER_ALLOCATION).map(async ({ what, address }, index) => {
      const peer = transportAddress(address, arena.victim.port)
      // The relay's own address is permitted always; what may be reached there is an attack of its own.
      if (isSameHost(peer, client.relayed)) return
      tokens.push(...(await tryPeer(client, `${what} ${address}`, peer, 0x4000 + index, evidence)))
    })
    await Promise.all(batch)
    await client.release()
  }
  await arena.settle(2)
  for (const token of tokens) evidence.must(!arena.victim.seen.has(token), `the victim received: ${token}`)
  evidence.note(`${addresses.length} addresses by CreatePermission, ChannelBind, Send and ChannelData`)
}

function isSameHost(a: TransportAddress, b: TransportAddress | undefined): boolean {
  return b !== undefined && equalTransportAddress(a, { ...b, port: a.port })
}

const v4: Attack = {
  name: 'relay into IPv4 ranges that are nobody’s business',
  run: (arena, evidence) => tryAll(arena, FORBIDDEN_V4, () => arena.allocation(), evidence),
}

/** A client with a relayed IPv6 address: asked for over IPv4, or else over IPv6. */
async function allocateV6(arena: Arena): Promise<TurnClient> {
  const client = await arena.client()
  if ((await client.allocate(6)).outcome === 'success') return client
  const { hostV6 } = arena.target
  if (hostV6 !== undefined) {
    const other = await arena.client({ host: hostV6, source: undefined })
    if ((await other.allocate(6)).outcome === 'success') return other
  }
  throw new NotApplicable('the server gives no relayed IPv6 addresses')
}

const v6: Attack = {
  name: 'relay into IPv6 ranges, and IPv4 addresses in IPv6 dress',
  run: (arena, evidence) => tryAll(arena, FORBIDDEN_V6, () => allocateV6(arena), evidence),
}

const otherFamily: Attack = {
  name: 'an IPv6 peer on an IPv4 allocation',
  async run(arena, evidence) {
    await tryAll(
      arena,
      FORBIDDEN_V6.filter(({ address }) => /^::1$|ffff:127/.test(address)),
      () => arena.allocation({}, 4),
      evidence,
    )
  },
}

const hiddenAmongMany: Attack = {
  name: 'a forbidden peer behind a good one in one CreatePermission',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    // Not 127.0.0.1, which may be the relay's own address.
    const bad = transportAddress('127.0.0.2', arena.victim.port)
    const orders = [
      [good.peer, bad],
      [bad, good.peer],
    ]
    for (const peers of orders) {
      const { outcome } = await client.permit(...peers)
      evidence.must(outcome !== 'success', 'it was granted')
      client.send(bad, 'hidden among many')
    }
    await arena.settle()
    evidence.must(!arena.victim.seen.has('hidden among many'), 'the victim received it')
  },
}

const portsOfTheServer: Attack = {
  name: 'relay to the server’s own addresses and ports',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const before = client.received.messages
    const own = arena.isOwnNetwork ? SERVER_ADDRESS[4] : arena.target.host
    // Port 22 stands for whatever else runs on the relay's machine; the victim listens everywhere.
    const peers = [arena.target.port, arena.victim.port, 22].map((port) => transportAddress(own, port))
    for (const [index, peer] of peers.entries()) {
      await client.permit(peer)
      client.send(peer, `to the server itself ${peer.port}`)
      await client.bind(0x4000 + index, peer)
      client.sendOn(0x4000 + index, `to the server itself ${peer.port}`)
    }
    await arena.settle()
    const isSeen = arena.victim.seen.has(`to the server itself ${arena.victim.port}`)
    evidence.must(!isSeen, 'a packet reached another service on the server’s own address')
    evidence.note(`${client.received.messages - before} messages came back`)
  },
}

const control: Attack = {
  name: 'control: what may pass does pass',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    const { outcome } = await client.permit(good.peer)
    if (arena.mayHaveNobodyToTalkTo) return evidence.note('the honest client shows it')
    evidence.must(outcome === 'success', `CreatePermission for whom one may talk to: ${outcome}`)
    client.send(good.peer, 'by Send')
    const bound = await client.bind(0x4abc, good.peer)
    evidence.must(bound.outcome === 'success', `ChannelBind for whom one may talk to: ${bound.outcome}`)
    client.sendOn(0x4abc, 'by ChannelData')
    for (const way of ['by Send', 'by ChannelData']) {
      evidence.must(await arena.arrives(good, way), `nothing arrived ${way}`)
    }
  },
}

export const forbiddenPeers: readonly Attack[] = [
  control,
  v4,
  v6,
  otherFamily,
  hiddenAmongMany,
  portsOfTheServer,
]
