import type { Datagram, Millis } from '@crowfly/sansio'
import { SeededRandom, testCrypto } from '@crowfly/testkit'
import { expect } from 'vitest'
import { TurnClient } from '../client/turn-client.ts'
import type { TurnClientEvent } from '../client/turn-client-event.ts'
import type { PeerData, TurnClientOptions } from '../client/turn-client-options.ts'
import { addressOf, ScriptedTurnServer, USER } from './scripted-turn-server.ts'

/** Whom it speaks to. */
export const PEER = addressOf('192.0.2.7 6000')

const PATH = 3
const NOWHERE = { family: 4, address: new Uint8Array(4), port: 0 } as const

/** A `TurnClient` and a `ScriptedTurnServer` that answers at once, in a time that the test moves. */
export class ClientWorld {
  readonly server = new ScriptedTurnServer()
  readonly client: TurnClient
  readonly events: TurnClientEvent[] = []
  /** What peers sent, as the client told. */
  readonly received: { peer: PeerData['peer']; payload: Uint8Array }[] = []
  now: Millis = 1000
  /** Whether what the client sends reaches the server. */
  isConnected = true
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: PATH }

  constructor(options: Partial<TurnClientOptions> = {}) {
    this.client = new TurnClient({
      ...USER,
      path: PATH,
      isReliable: false,
      random: new SeededRandom(1),
      crypto: testCrypto,
      ...options,
    })
  }

  /** Makes an allocation, by the server's defaults. */
  static allocated(options: Partial<TurnClientOptions> = {}): ClientWorld {
    const world = new ClientWorld(options)
    world.client.start(world.now)
    world.settle()
    world.events.length = 0
    return world
  }

  /** Makes one with a permission for `PEER`. */
  static permitted(): ClientWorld {
    const world = ClientWorld.allocated()
    expect(world.client.permit(PEER, world.now)).toBe(true)
    world.#forget()
    return world
  }

  /** Makes one with a channel to `PEER`. */
  static bound(options: Partial<TurnClientOptions> = {}): ClientWorld {
    const world = ClientWorld.allocated(options)
    expect(world.client.bindChannel(PEER, world.now)).toBe(true)
    world.#forget()
    return world
  }

  /** Gives the client something from the server. */
  deliver(bytes: Uint8Array, path = PATH): void {
    this.client.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.now)
    this.settle()
  }

  /** Lets the two speak until they have nothing more to say. */
  settle(): void {
    const data: PeerData = { bytes: new Uint8Array(0), start: 0, end: 0, peer: NOWHERE }
    while (this.client.pollData(data)) {
      this.received.push({ peer: data.peer, payload: data.bytes.slice(data.start, data.end) })
    }
    for (let event = this.client.pollEvent(); event !== undefined; event = this.client.pollEvent()) {
      this.events.push(event)
    }
    const responses: Uint8Array[] = []
    while (this.client.pollTransmit(this.#out)) {
      const response = this.isConnected ? this.server.handle(this.#out) : undefined
      if (response !== undefined) responses.push(response)
    }
    for (const response of responses) this.deliver(response)
  }

  /** Lets time go by, keeping every deadline. */
  pass(ms: Millis): void {
    const end = this.now + ms
    for (let next = this.client.pollTimeout(); next <= end; next = this.client.pollTimeout()) {
      this.now = Math.max(this.now, next)
      this.client.handleTimeout(this.now)
      this.settle()
    }
    this.now = end
  }

  /** Methods of the requests since the last call. */
  takeMethods(): number[] {
    return this.server.requests.splice(0).map((request) => request.method)
  }

  /** Lets what was begun come to its end, and keeps no record of it. */
  #forget(): void {
    this.settle()
    this.events.length = 0
    this.takeMethods()
  }
}
