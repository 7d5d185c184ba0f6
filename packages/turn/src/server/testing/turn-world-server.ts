import {
  type Datagram,
  formatTransportAddress,
  type Millis,
  type PathId,
  type PathTable,
  type TransportAddress,
} from '@crowfly/sansio'
import { formatHex, lend, parseHex, type SeededRandom, type VirtualClock } from '@crowfly/testkit'
import type { RelayDatagram, RelayId, TurnServerEvent } from '../relay.ts'
import type { TurnServer } from '../turn-server.ts'
import { address } from './turn-bench.ts'
import type { ModelRequest, ModelRoute, TurnModel } from './turn-model.ts'
import { type Answer, readAnswer, readDelivery } from './turn-world-output.ts'
import { createWorldModel, createWorldServer, type WorldMode } from './turn-world-settings.ts'

/** What a packet of a client's means. */
export type Meaning =
  | {
      readonly kind: 'request'
      readonly request: ModelRequest
      readonly isAuthentic: boolean
      /** Signed with a nonce that the client was given at another 5-tuple. */
      readonly isFromElsewhere: boolean
      readonly user: string
      readonly answered: (answer: Answer) => void
    }
  | {
      readonly kind: 'payload'
      readonly to: { peer: TransportAddress } | { channel: number }
      readonly payload: string
    }
  | { readonly kind: 'noise' }

/** What came of a run. */
export interface WorldTotals {
  granted: number
  refused: number
  relayed: number
  dropped: number
  /** Requests of clients who have moved, by what they knew before. */
  fromElsewhere: number
}

/** What a `WorldServer` is made of. */
export interface WorldServerOptions {
  readonly mode: WorldMode
  readonly random: SeededRandom
  readonly clock: VirtualClock
  readonly paths: PathTable
  /** The server wants this connection closed. */
  readonly onUnwanted: (path: PathId) => void
}

/** A server and its driver, which is suspended now and then, and a model that is asked about all of it. */
export class WorldServer {
  readonly totals: WorldTotals = { granted: 0, refused: 0, relayed: 0, dropped: 0, fromElsewhere: 0 }
  readonly #options: WorldServerOptions
  readonly #server: TurnServer
  readonly #model: TurnModel
  /** Names of the clients with connections. */
  readonly #streams = new Map<PathId, string>()
  readonly #sockets = new Map<RelayId, string>()
  #suspendedUntil: Millis = 0
  #cancelTimer = (): void => {}

  constructor(options: WorldServerOptions) {
    const { mode, paths, random } = options
    this.#options = options
    this.#server = createWorldServer(mode, paths, random)
    this.#model = createWorldModel(mode)
  }

  suspend(forMs: Millis): void {
    this.#suspendedUntil = this.#now() + forMs
  }

  /** How long it will not hear anything. */
  get suspendedMs(): Millis {
    return Math.max(0, this.#suspendedUntil - this.#now())
  }

  open(path: PathId, client: string): void {
    this.#streams.set(path, client)
    this.#server.handleOpen(path, undefined, this.#now())
    this.#settle()
  }

  close(path: PathId, client: string): void {
    this.#server.handleClose(path, this.#now())
    this.#streams.delete(path)
    this.#options.paths.release(path)
    this.#model.forget(client)
    this.#settle()
  }

  /** This user has left. */
  leave(user: string): void {
    this.#server.endAllocationsOf((name) => name === user, this.#now())
    this.#model.leave(user)
    this.#settle()
  }

  /** What the server makes of a packet is what the model says. */
  receive(client: string, path: PathId, bytes: Uint8Array, meaning: Meaning): void {
    const { granted, refused } = this.#server.counters
    const before = total(granted) + total(refused)
    const expected =
      meaning.kind === 'payload' ? this.#model.route(client, meaning.to, this.#now()) : undefined
    lend(bytes, path, (input) => {
      this.#server.handleDatagram(input, this.#now())
      if (meaning.kind === 'payload') this.#checkRoute(expected, meaning.payload)
      else if (meaning.kind === 'request') this.#checkResponse(client, meaning, path)
      else this.#checkSilence()
    })
    const isAuthenticated = total(granted) + total(refused) > before
    if (isAuthenticated && meaning.kind === 'request' && !meaning.isAuthentic)
      throw new RangeError('a forged request')
    this.#settle()
  }

  checkEmpty(): void {
    const { allocations, reservations, ports, streams, timers } = this.#server.sizes
    const { held } = this.#options.paths
    const left = [allocations, reservations, ports, streams, timers, held, this.#sockets.size]
    if (left.some((count) => count !== 0)) throw new RangeError(`left over: ${left.join()}`)
    if (this.#server.pollTimeout() !== Infinity) throw new RangeError('a deadline is left')
  }

  #now(): Millis {
    return this.#options.clock.now()
  }

  #checkResponse(client: string, meaning: Meaning & { kind: 'request' }, path: PathId): void {
    const out = emptyDatagram()
    if (!this.#server.pollTransmit(out)) throw new RangeError('a request without a response')
    if (out.path !== path) throw new RangeError('a response to somebody else')
    const answer = readAnswer(out.bytes.slice(out.start, out.end))
    const { code } = answer
    if (code === 401 || code === 438) {
      if (meaning.isAuthentic && code === 401) throw new RangeError('401 to a sound request')
      if (meaning.isFromElsewhere) this.totals.fromElsewhere++
    } else {
      if (meaning.isFromElsewhere) throw new RangeError(`a nonce of another 5-tuple got ${code}`)
      if (code === undefined) this.totals.granted++
      else this.totals.refused++
      if (!meaning.isAuthentic) throw new RangeError(`a forged request got ${code}`)
      this.#model.answer(client, meaning.user, meaning.request, answer, this.#now())
    }
    meaning.answered(answer)
  }

  /** What the server sends must be what the model says, no less and no more. */
  #checkRoute(expected: ModelRoute | undefined, payload: string): void {
    const out = emptyDatagram()
    const relayOut: RelayDatagram = { ...out, relay: -1, peer: address('0.0.0.0', 0) }
    let actual: ModelRoute | undefined
    let data = ''
    if (this.#server.pollTransmit(out)) {
      const delivery = readDelivery(out.bytes.slice(out.start, out.end))
      const client =
        this.#streams.get(out.path) ?? formatTransportAddress(this.#options.paths.remote(out.path))
      // A number stands for the peer that the model has bound it to.
      const bound = expected?.to === 'client' ? expected.from : ''
      const from = delivery.channel === undefined ? delivery.from : bound
      actual = { to: 'client', client, from, channel: delivery.channel }
      data = delivery.data
    } else if (this.#server.pollRelayTransmit(relayOut)) {
      const relayed = this.#sockets.get(relayOut.relay) ?? 'no socket'
      actual = { to: 'peer', relayed, peer: formatTransportAddress(relayOut.peer) }
      data = formatHex(relayOut.bytes.slice(relayOut.start, relayOut.end))
      this.#echo(relayOut.relay, relayOut.peer, data)
    }
    if (actual === undefined) this.totals.dropped++
    else this.totals.relayed++
    const isRight = JSON.stringify(actual) === JSON.stringify(expected)
    if (!isRight || (actual !== undefined && data !== payload)) {
      throw new RangeError(`relayed ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
    }
    this.#checkSilence()
  }

  /** Nothing may be said now. */
  #checkSilence(): void {
    if (this.#server.pollTransmit(emptyDatagram())) throw new RangeError('something was sent to nobody')
  }

  /** A host answers, sometimes much later. */
  #echo(relay: RelayId, peer: TransportAddress, data: string): void {
    const { clock, random } = this.#options
    const relayed = this.#sockets.get(relay)
    clock.after(random.pick([10, 1000, 400_000]), () => {
      // A driver delivers nothing from a socket that it has closed.
      if (relayed === undefined || this.#sockets.get(relay) !== relayed) return
      if (this.suspendedMs > 0) return
      const expected = this.#model.routeFromPeer(relayed, peer, this.#now())
      lend(parseHex(data), 0, ({ bytes, start, end }) => {
        this.#server.handleRelayDatagram({ bytes, start, end, relay, peer }, this.#now())
        this.#checkRoute(expected, data)
      })
      this.#settle()
    })
  }

  #settle(): void {
    for (let event = this.#server.pollEvent(); event !== undefined; event = this.#server.pollEvent())
      this.#obey(event)
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.at(this.#server.pollTimeout(), () => this.#wake())
  }

  #wake(): void {
    if (this.suspendedMs > 0) {
      this.#cancelTimer = this.#options.clock.after(this.suspendedMs, () => this.#wake())
      return
    }
    this.#server.handleTimeout(this.#now())
    this.#checkSilence()
    this.#settle()
    if (this.#server.pollTimeout() <= this.#now()) throw new RangeError('the deadline is not ahead')
  }

  #obey(event: TurnServerEvent): void {
    const { mode, onUnwanted } = this.#options
    if (event.type === 'openRelay') {
      if (mode === 'rooms' || this.#sockets.has(event.relay)) throw new RangeError('a socket too many')
      this.#sockets.set(event.relay, formatTransportAddress(event.address))
    } else if (event.type === 'closeRelay') {
      if (!this.#sockets.delete(event.relay)) throw new RangeError('a socket that was not open')
    } else onUnwanted(event.path)
  }
}

function emptyDatagram(): Datagram {
  return { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
