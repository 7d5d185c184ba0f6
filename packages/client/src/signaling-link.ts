import type { Pairing, RoomCode } from '@crowfly/pairing'
import type { Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import type { MemberId, PairMessage } from '@crowfly/signaling'
import type { Agenda, Alarm } from './agenda.ts'
import type { SealedEvent } from './sealed/sealed-event.ts'
import { type SealedRoom, SealedSession } from './sealed/sealed-session.ts'
import type { SignalingTransports, TransportConnection } from './signaling-transport.ts'
import { TransportChoice } from './transport-choice.ts'

/** Milliseconds in which a connection that is tried beside another has to open. */
const besideMs = 4_000

/** The events that concern the call; those for the driver are dealt with here. */
export type LinkEvent = Exclude<SealedEvent, { type: 'connect' } | { type: 'disconnect' }>

export interface SignalingLinkOptions {
  readonly server: URL
  readonly transports: SignalingTransports
  readonly agenda: Agenda
  readonly random: Random
  readonly authorization: string | undefined
  readonly onEvent: (event: LinkEvent) => void
}

/** A connection that the session has not been told the end of. */
interface LinkConnection {
  readonly transport: number
  /** Tried beside the one that stands; the session hears of it when it opens. */
  readonly isBeside: boolean
  /** Null until the transport has returned it. */
  connection: TransportConnection | null
  isOpen: boolean
  /** It has brought a frame. */
  hasWorked: boolean
}

/** Drives a `SealedSession` over the transports that work. Events come one at a time, never within another's handling. */
export class SignalingLink {
  readonly #options: SignalingLinkOptions
  readonly #session: SealedSession
  readonly #alarm: Alarm
  readonly #choice: TransportChoice
  readonly #connections = new Map<PathId, LinkConnection>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #nextPath: PathId = 0
  /** When what is tried beside another is given up. */
  #besideUntil: Millis = Infinity
  #isDraining = false
  #isClosed = false

  constructor(options: SignalingLinkOptions) {
    this.#options = options
    this.#session = new SealedSession(options)
    this.#choice = new TransportChoice(options.transports.length)
    this.#alarm = options.agenda.alarm((now) => {
      this.#session.handleTimeout(now)
      this.#drain()
      this.#tendBeside(now)
    })
  }

  get memberId(): MemberId {
    return this.#session.memberId
  }

  /** The pairing with a member, while there is one. */
  pairingWith(member: MemberId): Pairing | undefined {
    return this.#session.pairingWith(member)
  }

  /** Finds out who is there under a code; nobody hears of it. */
  look(code: RoomCode): void {
    this.#session.look(code, this.#now())
    this.#drain()
  }

  open(room: SealedRoom): void {
    this.#session.open(room, this.#now())
    this.#drain()
  }

  send(to: MemberId, message: PairMessage): boolean {
    const isQueued = this.#session.send(to, message, this.#now())
    this.#drain()
    return isQueued
  }

  handleNetworkChange(): void {
    const now = this.#now()
    this.#session.handleNetworkChange(now)
    this.#choice.handleNetworkChange(now)
    this.#drain()
    this.#tendBeside(now)
  }

  /** Leaves the room and closes. Final; no event follows. */
  leave(): void {
    if (this.#isClosed) return
    this.#session.leave(this.#now())
    this.#isClosed = true
    // Not by #drain(), which does nothing while it hands out the event that this answers.
    while (this.#session.pollTransmit(this.#out)) this.#transmit()
    this.#alarm.clear()
    for (const [path, connection] of [...this.#connections]) this.#abandon(path, connection)
  }

  #now(): number {
    return this.#options.agenda.now()
  }

  // A handler of an event may call back in: it only adds to what the loop below goes on to take out.
  #drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    try {
      for (;;) {
        while (this.#session.pollTransmit(this.#out)) this.#transmit()
        const event = this.#session.pollEvent()
        if (event === undefined) break
        this.#handle(event)
      }
    } finally {
      this.#isDraining = false
    }
    if (!this.#isClosed) this.#setAlarm()
  }

  #setAlarm(): void {
    const besideAt = this.#pendingBeside === undefined ? this.#choice.besideAt : this.#besideUntil
    this.#alarm.set(Math.min(this.#session.pollTimeout(), this.#isStanding ? besideAt : Infinity))
  }

  #transmit(): void {
    const { bytes, start, end, path } = this.#out
    const to = this.#connections.get(path)
    if (to?.isOpen === true) to.connection?.send(bytes.slice(start, end))
  }

  #handle(event: SealedEvent): void {
    if (event.type === 'connect') this.#connect()
    else if (event.type === 'disconnect') {
      const connection = this.#connections.get(event.path)
      if (connection !== undefined) this.#abandon(event.path, connection)
    } else if (!this.#isClosed) this.#options.onEvent(event)
  }

  /** Whether a connection that works is in use. */
  get #isStanding(): boolean {
    return [...this.#connections.values()].some((one) => one.hasWorked)
  }

  /** What is tried beside it and has not opened. */
  get #pendingBeside(): [PathId, LinkConnection] | undefined {
    return [...this.#connections].find(([, one]) => one.isBeside && !one.isOpen)
  }

  #connect(): void {
    if (this.#isClosed) return
    // An attempt that still hangs is given up without a word.
    for (const [path, one] of [...this.#connections]) {
      if (!one.isOpen && !one.isBeside) this.#abandon(path, one)
    }
    this.#open(this.#choice.current, false)
  }

  /** Gives up what was tried beside the connection in use and has not opened, and tries again when it is time. */
  #tendBeside(now: Millis): void {
    if (this.#isClosed || !this.#isStanding) return
    const pending = this.#pendingBeside
    if (pending !== undefined && now >= this.#besideUntil) this.#abandon(...pending)
    else if (pending === undefined) {
      const transport = this.#choice.takeBeside(now)
      if (transport !== null) {
        this.#besideUntil = now + besideMs
        this.#open(transport, true)
      }
    }
    this.#setAlarm()
  }

  #open(transport: number, isBeside: boolean): void {
    const path = this.#nextPath
    this.#nextPath += 1
    const one: LinkConnection = { transport, isBeside, connection: null, isOpen: false, hasWorked: false }
    this.#connections.set(path, one)
    const { transports, server } = this.#options
    one.connection = (transports[transport] ?? transports[0]).open(server, {
      opened: () => this.#handleOpened(path, one),
      frame: (bytes) => this.#handleFrame(path, one, bytes),
      closed: () => this.#handleClosed(path, one),
    })
  }

  #handleOpened(path: PathId, one: LinkConnection): void {
    if (this.#connections.get(path) !== one) return
    one.isOpen = true
    if (one.isBeside) this.#session.moveTo(path, this.#now())
    else this.#session.handleOpen(path, undefined, this.#now())
    this.#drain()
  }

  #handleFrame(path: PathId, one: LinkConnection, bytes: Uint8Array): void {
    if (this.#connections.get(path) !== one) return
    const now = this.#now()
    const isFirst = !one.hasWorked
    one.hasWorked = true
    this.#session.handleDatagram({ bytes, start: 0, end: bytes.length, path }, now)
    this.#drain()
    if (!isFirst || this.#connections.get(path) !== one || this.#isClosed) return
    this.#choice.handleSuccess(one.transport, now)
    this.#setAlarm()
  }

  #handleClosed(path: PathId, one: LinkConnection): void {
    if (this.#connections.get(path) !== one) return
    this.#forget(path, one)
    // The session was never told of what it did not ask for.
    if (one.isOpen || !one.isBeside) this.#session.handleClose(path, this.#now())
    this.#drain()
  }

  #abandon(path: PathId, one: LinkConnection): void {
    this.#forget(path, one)
    one.connection?.close()
  }

  #forget(path: PathId, one: LinkConnection): void {
    this.#connections.delete(path)
    if (!one.hasWorked) this.#choice.handleFailure(one.transport)
  }
}
