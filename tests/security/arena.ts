import { formatAddress, type TransportAddress } from '@crowfly/sansio'
import { type Evidence, HonestlyRefused, NotApplicable } from './attack.ts'
import { type Credentials, type Outcome, TurnClient, type TurnClientOptions } from './client/turn-client.ts'
import { transportAddress } from './client/wire.ts'
import { isInOwnNetwork, PEER_ADDRESS } from './own-network.ts'
import { comesTrue, pause } from './pause.ts'
import type { Target } from './target.ts'
import type { Victim } from './victim.ts'

/** After which it is certain that a packet does not come through. */
const SETTLE_MS = 250

/** For a packet that has to come through. */
const ARRIVAL_MS = 2000

/** Honest allocations are asked for so often while nothing comes back: datagrams get lost on a busy machine. */
const ALLOCATION_TRIES = 3

/** A peer that relaying to is right, and what has come there. */
interface GoodPeer {
  readonly peer: TransportAddress
  has(text: string): boolean
  /** Lets everybody in, again: what is dropped afterwards is dropped on the other side. */
  welcome(): Promise<void>
  /** Sends to a relayed address. */
  say(to: TransportAddress, text: string): Promise<void>
}

/** What an attack has at hand: the server, addresses to come from, and a victim. */
export class Arena {
  readonly target: Target
  readonly isShort: boolean
  readonly victim: Victim
  readonly isOwnNetwork = isInOwnNetwork()
  readonly #clients: TurnClient[] = []
  #sources = 0

  constructor(target: Target, victim: Victim, isShort: boolean) {
    this.target = target
    this.victim = victim
    this.isShort = isShort
  }

  /** Something new each time, to be told from everything else that was sent. */
  #tokens = 0
  token(about: string): string {
    return `${about} #${++this.#tokens}`
  }

  /** An address of this machine that no attack came from before; undefined where there is but one. */
  source(): string | undefined {
    const n = ++this.#sources
    const tail = `${(n >>> 16) & 0xff}.${(n >>> 8) & 0xff}.${n & 0xff}`
    if (this.isOwnNetwork) return `21.${tail}`
    return this.target.host.startsWith('127.')
      ? `127.${1 + ((n >>> 16) & 0x7f)}.${(n >>> 8) & 0xff}.${n & 0xff}`
      : undefined
  }

  /** A client that has said nothing yet, from an address of its own. */
  async client(more: Partial<TurnClientOptions> = {}): Promise<TurnClient> {
    const { host, port, realm, user } = this.target
    const source = 'source' in more ? more.source : this.source()
    const client = await TurnClient.open({ host, port, realm, credentials: user, ...more, source })
    this.#clients.push(client)
    return client
  }

  /** A client with an allocation. */
  async allocation(more: Partial<TurnClientOptions> = {}, family?: 4 | 6): Promise<TurnClient> {
    let outcome: Outcome = 'silence'
    for (let tries = 0; tries < ALLOCATION_TRIES && outcome === 'silence'; tries++) {
      const client = await this.client(more)
      outcome = (await client.allocate(family)).outcome
      if (client.relayed !== undefined) return client
    }
    throw new HonestlyRefused(`no allocation to be had: ${outcome}`)
  }

  /** The address that others reach a client's allocation by. */
  relayedOf(client: TurnClient): TransportAddress {
    if (client.relayed === undefined) throw new HonestlyRefused('no relayed address')
    return client.relayed
  }

  /** A public relay that does not relay to itself on loopback leaves nobody to talk to, unless the network is our own. */
  get mayHaveNobodyToTalkTo(): boolean {
    return this.target.kind === 'public' && !this.isOwnNetwork
  }

  /** An ordinary host, or in rooms mode another allocation's relayed address, which permits everybody. */
  async goodPeer(credentials = this.target.user): Promise<GoodPeer> {
    if (this.target.kind === 'public' && this.isOwnNetwork) {
      return {
        peer: transportAddress(PEER_ADDRESS[4], this.victim.port),
        has: (text) => this.victim.seen.has(text),
        welcome: async () => {},
        say: (to, text) => this.victim.send(text, Arena.format(to), to.port),
      }
    }
    const partner = await this.allocation({ credentials })
    const peer = this.relayedOf(partner)
    // A permission is for an address with all its ports, and relayed addresses differ in those alone.
    const welcome = async () => {
      await partner.permit(peer)
    }
    await welcome()
    const say = async (to: TransportAddress, text: string) => partner.send(to, text)
    return { peer, has: (text) => partner.has(text), welcome, say }
  }

  /** All users that there are by name. */
  get users(): readonly Credentials[] {
    const { user, other, flooder } = this.target
    return [user, other, flooder].filter((each) => each !== undefined)
  }

  get other(): Credentials {
    if (this.target.other === undefined) throw new NotApplicable('needs a second user: --other user:password')
    return this.target.other
  }

  /** Waits until what was sent would have arrived: for what must not. What must is waited for by `arrives`. */
  settle(times = 1): Promise<void> {
    return pause(SETTLE_MS * times)
  }

  /** Waits until something has arrived where it is to. Returns whether it has. */
  arrives(place: { has(text: string): boolean }, text: string): Promise<boolean> {
    return comesTrue(() => place.has(text), ARRIVAL_MS)
  }

  /** Something has to arrive, where there is somebody to talk to. */
  async mustArrive(place: { has(text: string): boolean }, text: string, evidence: Evidence): Promise<void> {
    const isThere = await this.arrives(place, text)
    if (isThere || !this.mayHaveNobodyToTalkTo) evidence.must(isThere, `nothing arrived ${text}`)
    else evidence.note(`nothing arrived ${text}: there may be nobody to talk to`)
  }

  /** Sends to a peer what must not get there, by a Send indication. */
  async mustNotPass(
    client: TurnClient,
    { peer, has }: GoodPeer,
    text: string,
    evidence: Evidence,
  ): Promise<void> {
    client.send(peer, text)
    await this.settle()
    evidence.must(!has(text), `data passed ${text}`)
  }

  /** Ends all allocations and closes all clients. */
  async clear(): Promise<void> {
    const clients = this.#clients.splice(0)
    const held = clients.filter(({ relayed, wire }) => relayed !== undefined && !wire.isClosed)
    for (let at = 0; at < held.length; at += 32) {
      await Promise.all(held.slice(at, at + 32).map((client) => client.release()))
    }
    for (const client of clients) client.close()
  }

  /** An address without its port, as text. */
  static format(address: TransportAddress): string {
    return formatAddress(address.address)
  }
}
