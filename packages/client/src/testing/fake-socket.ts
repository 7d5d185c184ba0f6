import type { ClientConnection, SignalingServerEvent } from '@crowfly/signaling'
import type { ConnectionEnd, ConnectionHost, VirtualClock } from '@crowfly/testkit'
import type { SignalingTransport } from '../signaling-transport.ts'
import { type SocketConstructor, type SocketLike, webSocketTransportBy } from '../web-socket-transport.ts'

/** One-way delay of everything that a socket carries. */
const DELAY_MS = 10

/** The server as sockets find it; null while it is down. */
export interface ServerPlace {
  host: ConnectionHost<SignalingServerEvent, ClientConnection> | null
}

/** What somebody on the road does to those who come: lets them on, or lets them in and keeps what they say. */
export type RoadKeeper = 'open' | 'refuses' | 'hangs' | 'swallows'

/** The way of one page to the server; nothing passes while it is blocked, and nobody is told. */
export interface ServerRoad {
  readonly place: ServerPlace
  isBlocked: boolean
  keeper: RoadKeeper
  /** What the server takes those who come this way for. */
  readonly isPolled: boolean
  /** Connections that stand, as far as the page knows. */
  standing: number
}

/** A WebSocket's, and a poll's. */
export type ServerRoads = readonly [ServerRoad, ServerRoad]

export function roadsTo(place: ServerPlace): ServerRoads {
  const road = { place, isBlocked: false, keeper: 'open', standing: 0 } as const
  return [
    { ...road, isPolled: false },
    { ...road, isPolled: true },
  ]
}

export function transportOn(road: ServerRoad, clock: VirtualClock): SignalingTransport {
  return webSocketTransportBy(socketsTo(road, clock))
}

const address = { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 40_000 } as const

/** A WebSocket constructor whose sockets reach whatever server stands at the road's end when they connect. */
function socketsTo(road: ServerRoad, clock: VirtualClock): SocketConstructor {
  return class implements SocketLike {
    binaryType: BinaryType = 'blob'
    readyState = 0
    onopen: SocketLike['onopen'] = null
    onmessage: SocketLike['onmessage'] = null
    onclose: SocketLike['onclose'] = null
    #end: ConnectionEnd<ClientConnection> | null = null

    constructor(url: string, protocol: string) {
      if (url !== 'wss://call.example/signal' || protocol !== 'crowfly.1') throw new SyntaxError(url)
      clock.after(DELAY_MS, () => this.#connect())
    }

    send(bytes: Uint8Array<ArrayBuffer>): void {
      const copy = bytes.slice()
      clock.after(DELAY_MS, () => {
        if (!road.isBlocked && this.#end !== null && !this.#end.isGone) this.#end.received(copy)
      })
    }

    close(): void {
      if (this.readyState >= 2) return
      if (this.readyState === 1) road.standing -= 1
      this.readyState = 2
      clock.after(DELAY_MS, () => {
        if (!road.isBlocked && this.#end !== null && !this.#end.isGone) this.#end.closed()
        this.#closed()
      })
    }

    #connect(): void {
      if (this.readyState !== 0 || road.isBlocked || road.keeper === 'hangs') return
      const { place } = road
      if (place.host === null || road.keeper === 'refuses') {
        this.#closed()
        return
      }
      if (road.keeper === 'swallows') {
        this.#opened()
        return
      }
      this.#end = place.host.reserve()
      // Ordered before whatever the server says once it knows.
      clock.after(DELAY_MS, () => this.#opened())
      this.#end.opened(
        {
          send: (bytes) => void clock.after(DELAY_MS, () => this.#received(bytes)),
          close: () => void clock.after(DELAY_MS, () => road.isBlocked || this.#closed()),
          cut: () => {},
        },
        { address, host: 'call.example', isPolled: road.isPolled },
      )
    }

    #opened(): void {
      if (this.readyState !== 0) return
      this.readyState = 1
      road.standing += 1
      this.onopen?.(new Event('open'))
    }

    #received(bytes: Uint8Array): void {
      if (this.readyState !== 1 || road.isBlocked) return
      this.onmessage?.(new MessageEvent('message', { data: new Uint8Array(bytes).buffer }))
    }

    #closed(): void {
      if (this.readyState === 3) return
      if (this.readyState === 1) road.standing -= 1
      this.readyState = 3
      // A CloseEvent is not in Node 20; nobody here reads more of it than an event.
      this.onclose?.(new Event('close'))
    }
  }
}
