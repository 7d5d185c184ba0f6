import type { Millis, PathId } from '@crowfly/sansio'
import {
  type ConnectionEnd,
  type ConnectionHost,
  type Drive,
  drive,
  type SeededRandom,
  type VirtualClock,
} from '@crowfly/testkit'
import {
  type ClientConnection,
  PollClient,
  type PollClientEvent,
  PollServer,
  type PollServerEvent,
  type SignalingServerEvent,
} from '../index.ts'

/** What happens to requests on their way. */
export interface RequestConditions {
  delayMs: Millis
  /** Up to this much is added to each way of each request, so that they overtake each other. */
  jitterMs: Millis
  /** The chance that a request or its answer is lost: half of the time whoever asked is told. */
  loss: number
  /** The chance that a proxy sends a request again, up to `copyAfterMs` later. */
  copies: number
  copyAfterMs: Millis
}

type Respond = (answer: Uint8Array | 'refused' | 'failed') => void

/** The HTTP endpoint of one signaling server. */
export class PollHost {
  readonly #machine = new PollServer<ClientConnection>({
    maxConnections: 100,
    maxBufferedBytes: 4_194_304,
    pollAnswerMs: 25_000,
    pollLapseMs: 10_000,
  })
  readonly #drive: Drive
  readonly #responds = new Map<PathId, Respond>()
  #nextPath: PathId = 0
  /** Whether its process is gone: `close` resets the connections of whoever asks, `cut` leaves them waiting. */
  ending: 'close' | 'cut' | undefined

  constructor(clock: VirtualClock, signaling: ConnectionHost<SignalingServerEvent, ClientConnection>) {
    const ends = new Map<PathId, ConnectionEnd<ClientConnection>>()
    const machine = this.#machine
    const settle = (): void => this.#drive.settle()
    const open = (link: PathId, client: ClientConnection): void => {
      const end = signaling.reserve()
      ends.set(link, end)
      const way = {
        send(bytes: Uint8Array) {
          machine.send(link, bytes, clock.now())
          settle()
        },
        close() {
          ends.delete(link)
          machine.close(link, clock.now())
          settle()
        },
        cut() {},
      }
      end.opened(way, { ...client, isPolled: true })
    }
    this.#drive = drive<PollServerEvent<ClientConnection>>(machine, {
      clock,
      transmit: ({ bytes, start, end, path }) => this.#respond(path, bytes.slice(start, end)),
      event: (event) => {
        if (event.type === 'opened') open(event.link, event.client)
        else if (event.type === 'refused') this.#respond(event.path, 'refused')
        else {
          const end = ends.get(event.link)
          if (event.type === 'closed') ends.delete(event.link)
          if (end === undefined || end.isGone) return
          if (event.type === 'frame') end.received(event.bytes.slice())
          else end.closed()
        }
      },
    })
  }

  get counters(): PollServer<ClientConnection>['counters'] {
    return this.#machine.counters
  }

  ask(body: Uint8Array, client: ClientConnection, respond: Respond): void {
    const path = this.#nextPath++
    this.#responds.set(path, respond)
    const now = this.#drive.now()
    this.#machine.handleOpen(path, client, now)
    this.#machine.handleDatagram({ bytes: body, start: 0, end: body.length, path }, now)
    this.#drive.settle()
  }

  stop(ending: 'close' | 'cut'): void {
    this.ending = ending
    this.#drive.stop()
    if (ending === 'close') for (const path of [...this.#responds.keys()]) this.#respond(path, 'failed')
  }

  #respond(path: PathId, answer: Uint8Array | 'refused' | 'failed'): void {
    const respond = this.#responds.get(path)
    this.#responds.delete(path)
    respond?.(answer)
  }
}

/** Connections in memory that are made of requests: what `VirtualConnections` is for WebSockets. */
export class PolledConnections {
  readonly #clock: VirtualClock
  readonly #random: SeededRandom
  /** May be changed at any time; counts for what is asked from then on. */
  conditions: RequestConditions = {
    delayMs: 10,
    jitterMs: 0,
    loss: 0,
    copies: 0,
    copyAfterMs: 0,
  }

  constructor(clock: VirtualClock, random: SeededRandom) {
    this.#clock = clock
    this.#random = random
  }

  /** Lets `client` connect, and returns its path. Each request goes to the server that `place` gives then, if any. */
  connect<Event, Opened>(
    client: ConnectionHost<Event, Opened>,
    opened: Opened,
    place: () => PollHost | undefined,
    connection: ClientConnection,
  ): PathId {
    const near = client.reserve()
    const machine = new PollClient({ random: this.#random.fork() })
    /** Requests that are waited for, by path. */
    const asked = new Map<PathId, symbol>()
    const driven = drive<PollClientEvent>(machine, {
      clock: this.#clock,
      transmit: ({ bytes, start, end, path }) => {
        const request = Symbol()
        asked.set(path, request)
        this.#ask(bytes.slice(start, end), place, connection, (answer) => {
          if (asked.get(path) !== request) return
          asked.delete(path)
          const now = this.#clock.now()
          if (answer === 'failed') machine.handleFailure(path, now)
          else if (answer === 'refused') machine.handleRefusal(path, now)
          else machine.handleDatagram({ bytes: answer, start: 0, end: answer.length, path }, now)
          driven.settle()
        })
      },
      event: (event) => {
        if (event.type === 'cancel') asked.delete(event.path)
        else if (near.isGone) return
        else if (event.type === 'frame') near.received(event.bytes.slice())
        else near.closed()
      },
    })
    const link = {
      send: (bytes: Uint8Array) => {
        machine.send(bytes, this.#clock.now())
        driven.settle()
      },
      close: () => {
        machine.close(this.#clock.now())
        driven.settle()
      },
      // What is under way is lost; what is asked from now on is not.
      cut: () => {
        for (const path of asked.keys()) asked.set(path, Symbol())
      },
    }
    this.#clock.after(0, () => {
      if (!near.isGone) near.opened(link, opened)
    })
    return near.path
  }

  #ask(
    body: Uint8Array,
    place: () => PollHost | undefined,
    connection: ClientConnection,
    answer: Respond,
  ): void {
    const { loss, copies, copyAfterMs } = this.conditions
    const random = this.#random
    const fail = (): void => {
      if (random.chance(0.5)) this.#later(() => answer('failed'))
    }
    const arrive = (isCopy: boolean): void => {
      const host = place()
      if (host === undefined) return
      if (host.ending !== undefined) {
        if (host.ending === 'close' && !isCopy) fail()
        return
      }
      host.ask(body, connection, (said) => {
        if (isCopy) return
        if (random.chance(loss)) fail()
        else this.#later(() => answer(said))
      })
    }
    if (random.chance(loss)) fail()
    else this.#later(() => arrive(false))
    if (random.chance(copies)) this.#clock.after(random.number() * copyAfterMs, () => arrive(true))
  }

  #later(action: () => void): void {
    const { delayMs, jitterMs } = this.conditions
    this.#clock.after(delayMs + this.#random.number() * jitterMs, action)
  }
}
