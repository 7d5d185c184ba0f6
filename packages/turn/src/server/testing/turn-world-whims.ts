import type { TransportAddress } from '@crowfly/sansio'
import { formatHex, parseHex, type SeededRandom } from '@crowfly/testkit'
import { encodeAdditionalAddressFamily } from '../../proto/attributes/additional-address-family.ts'
import { encodeEvenPort } from '../../proto/attributes/even-port.ts'
import { encodeRequestedAddressFamily } from '../../proto/attributes/requested-address-family.ts'
import { encodeReservationToken } from '../../proto/attributes/reservation-token.ts'
import { TurnMethod } from '../../proto/turn-method.ts'
import { channelData, requests, sendIndication, type Write } from './test-requests.ts'
import type { ModelRequest, ModelResponse } from './turn-model.ts'
import type { WorldClient } from './turn-world-client.ts'
import type { Meaning } from './turn-world-server.ts'
import { FOREIGN, HOSTS, ROOMS } from './turn-world-settings.ts'

/** A request that a client would like to make. */
export interface Wish {
  readonly id: Uint8Array
  readonly method: number
  readonly write: Write
  readonly request: ModelRequest
}

/** Payload that a client would like to send. */
export interface Speech {
  readonly bytes: Uint8Array
  readonly meaning: Meaning
}

/** What comes into the clients' heads, about what they have seen the server give out. */
export class Whims {
  readonly #random: SeededRandom
  readonly #relayed: { user: string; relayed: TransportAddress }[] = []
  readonly #tokens: string[] = []

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** The server gave this to a user. */
  learn(user: string, { relayed, token }: ModelResponse): void {
    this.#relayed.push(...relayed.map((each) => ({ user, relayed: each })))
    if (token !== undefined) this.#tokens.push(token)
  }

  allocate(): Wish {
    const kind = this.#random.pick(['plain', 'plain', 'plain', 'dual', 'six', 'even', 'token'] as const)
    const token = kind === 'token' && this.#tokens.length > 0 ? this.#random.pick(this.#tokens) : undefined
    const write = requests.allocate((writer) => {
      if (kind === 'dual') encodeAdditionalAddressFamily(writer, 6)
      if (kind === 'six') encodeRequestedAddressFamily(writer, 6)
      if (kind === 'even') encodeEvenPort(writer, { reserveNext: true })
      if (token !== undefined) encodeReservationToken(writer, parseHex(token))
    })
    const id = this.#id()
    const families: (4 | 6)[] = kind === 'dual' ? [4, 6] : [kind === 'six' ? 6 : 4]
    const reservesNext = kind === 'even'
    const request = { kind: 'allocate', id: formatHex(id), families, token, reservesNext } as const
    return { id, method: TurnMethod.ALLOCATE, write, request }
  }

  refresh(): Wish {
    const lifetimeSeconds = this.#random.pick([0, 1, 600, 1800, 100_000])
    const write = requests.refresh(lifetimeSeconds)
    return {
      id: this.#id(),
      method: TurnMethod.REFRESH,
      write,
      request: { kind: 'refresh', lifetimeSeconds },
    }
  }

  permit(client: WorldClient): Wish {
    const peers = Array.from({ length: 1 + this.#random.integer(2) }, () => this.#peer(client))
    const write = requests.createPermission(...peers)
    return { id: this.#id(), method: TurnMethod.CREATE_PERMISSION, write, request: { kind: 'permit', peers } }
  }

  bind(client: WorldClient): Wish {
    const peer = this.#peer(client)
    const channel = this.#channel()
    const write = requests.channelBind(channel, peer)
    return {
      id: this.#id(),
      method: TurnMethod.CHANNEL_BIND,
      write,
      request: { kind: 'bind', channel, peer },
    }
  }

  say(client: WorldClient): Speech {
    const data = this.#random.bytes(4 + this.#random.integer(20))
    const payload = formatHex(data)
    if (this.#random.chance(0.5)) {
      const peer = this.#peer(client)
      const bytes = sendIndication(peer, data, this.#id())
      return { bytes, meaning: { kind: 'payload', to: { peer }, payload } }
    }
    const channel = this.#channel()
    const bytes = channelData(channel, data, client.transport === 'tcp')
    return { bytes, meaning: { kind: 'payload', to: { channel }, payload } }
  }

  /** A relayed address that somebody has or had, of the same room mostly. */
  #peer(client: WorldClient): TransportAddress {
    const recent = this.#relayed.slice(-12)
    const near = recent.filter(({ user }) => ROOMS.get(user) === ROOMS.get(client.user)).slice(-4)
    const roll = this.#random.number()
    if (near.length > 0 && roll < 0.7) return this.#random.pick(near).relayed
    if (recent.length > 0 && roll < 0.85) return this.#random.pick(recent).relayed
    return roll < 0.97 ? this.#random.pick(HOSTS) : this.#random.pick(FOREIGN)
  }

  #channel(): number {
    return 0x4000 + this.#random.integer(4)
  }

  #id(): Uint8Array {
    return this.#random.bytes(12)
  }
}
