import { encodeBase64url } from '@crowfly/bytes'
import type { ConnectionMachine, Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import type { ClientConnection, IceServer, SignalingServerEvent } from '@crowfly/signaling'
import {
  type ClientFrame,
  type ClientMessage,
  clientFrame,
  decode,
  type ServerMessage,
} from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'
import { ClientLine, graceMs } from './client-line.ts'
import { MaliciousRooms } from './malicious-rooms.ts'
import type { Misconduct } from './misconduct.ts'
import type { Voice } from './voice.ts'

interface Errand {
  readonly at: Millis
  readonly run: () => void
}

/**
 * A signaling server in the hands of an attacker, with the interface of `SignalingServer`. It keeps to the protocol but
 * for its `conduct`, which may change at any time, and for what it is told to say.
 */
export class MaliciousServer implements ConnectionMachine<SignalingServerEvent, ClientConnection> {
  conduct: Misconduct = {}
  /** Every frame that a client has sent. */
  readonly heard: Uint8Array[] = []
  readonly #rooms: MaliciousRooms
  /** By session id. */
  readonly #lines = new Map<string, ClientLine>()
  readonly #frames: { readonly path: PathId; readonly frame: Uint8Array }[] = []
  #errands: Errand[] = []
  #now: Millis = 0

  constructor({ random, iceServers = [] }: { random: Random; iceServers?: readonly IceServer[] }) {
    this.#rooms = new MaliciousRooms(random, iceServers, () => this.conduct)
  }

  /** Does something later; what it says then goes out by itself. */
  after(delayMs: Millis, run: () => void): void {
    this.#errands.push({ at: this.#now + delayMs, run })
    this.#errands.sort((a, b) => a.at - b.at)
  }

  /** Says something to a member, past its own conduct. From the outside by `after(0, …)`. */
  say(to: MemberId, message: ServerMessage): void {
    this.#rooms.find(to)?.hear(message)
  }

  /** Does what somebody wants, as if a client had said it. */
  act(voice: Voice, message: ClientMessage): void {
    this.#rooms.handle(voice, message)
  }

  handleOpen(_path: PathId, _opened: ClientConnection, now: Millis): void {
    this.#now = now
  }

  handleClose(path: PathId, now: Millis): void {
    this.#now = now
    const line = this.#lineAt(path)
    if (line === undefined) return
    line.lose()
    this.#rooms.setAway(line.id, true)
    this.after(graceMs, () => {
      if (line.path === undefined && this.#rooms.find(line.id) === line)
        this.#rooms.remove(line.id, 'expired')
    })
  }

  handleDatagram({ bytes, start, end, path }: Datagram, now: Millis): void {
    this.#now = now
    const octets = bytes.slice(start, end)
    this.heard.push(octets)
    const frame = decode(clientFrame, octets)
    if (typeof frame !== 'string') this.#handleFrame(path, frame)
  }

  handleTimeout(now: Millis): void {
    this.#now = now
    for (const line of this.#lines.values()) if (line.pingAt <= now) line.ping(now)
    for (let [next] = this.#errands; next !== undefined && next.at <= now; [next] = this.#errands) {
      this.#errands.shift()
      next.run()
    }
  }

  pollTransmit(out: Datagram): boolean {
    const next = this.#frames.shift()
    if (next === undefined) return false
    out.bytes = next.frame
    out.start = 0
    out.end = next.frame.length
    out.path = next.path
    return true
  }

  pollEvent(): undefined {
    return undefined
  }

  pollTimeout(): Millis {
    const pings = [...this.#lines.values()].map(({ pingAt }) => pingAt)
    return Math.min(this.#errands[0]?.at ?? Infinity, ...pings)
  }

  #handleFrame(path: PathId, frame: ClientFrame): void {
    if (frame.type === 'hello') {
      this.#greet(path, encodeBase64url(frame.session), frame.received)
      return
    }
    const line = this.#lineAt(path)
    if (line === undefined) return
    line.acknowledge(frame.ack)
    if (frame.type === 'ping') line.pong()
    if (frame.type !== 'item' || !line.take(frame.seq, frame.message)) return
    for (const message of this.conduct.hear?.(line.id, frame.message) ?? [frame.message]) {
      this.#rooms.handle(line, message)
    }
  }

  #greet(path: PathId, session: string, received: number): void {
    const known = this.#lines.get(session)
    const line = known ?? new ClientLine((to, frame) => void this.#frames.push({ path: to, frame }))
    this.#lines.set(session, line)
    line.greet(path, known !== undefined, received, this.#now)
    this.#rooms.setAway(line.id, false)
  }

  #lineAt(path: PathId): ClientLine | undefined {
    return [...this.#lines.values()].find((line) => line.path === path)
  }
}
