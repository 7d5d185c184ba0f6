import type { Millis, PathId } from '@crowfly/sansio'
import { type ClientMessage, encode, type ServerMessage, serverFrame } from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'
import type { Voice } from './voice.ts'

const pingEveryMs: Millis = 5_000
const deadAfterMs: Millis = 15_000
/** Milliseconds for which a client that is gone is waited for. */
export const graceMs: Millis = 30_000

/** The server's end of one client's session: what is said arrives in order and once, over any number of connections. */
export class ClientLine implements Voice {
  readonly #transmit: (path: PathId, frame: Uint8Array) => void
  #path: PathId | undefined
  #id: MemberId = ''
  #received = 0
  #sent = 0
  #pingAt: Millis = Infinity
  /** What the client has not acknowledged. */
  #kept: { readonly seq: number; readonly frame: Uint8Array }[] = []

  constructor(transmit: (path: PathId, frame: Uint8Array) => void) {
    this.#transmit = transmit
  }

  get id(): MemberId {
    return this.#id
  }

  get path(): PathId | undefined {
    return this.#path
  }

  get pingAt(): Millis {
    return this.#pingAt
  }

  greet(path: PathId, isResumed: boolean, received: number, now: Millis): void {
    this.#path = path
    this.#pingAt = now + pingEveryMs
    this.#transmit(
      path,
      encode(serverFrame, {
        ...{ type: 'welcome', isResumed, received: this.#received },
        ...{ pingEveryMs, deadAfterMs, graceMs },
      }),
    )
    this.acknowledge(received)
    for (const { frame } of this.#kept) this.#transmit(path, frame)
  }

  lose(): void {
    this.#path = undefined
    this.#pingAt = Infinity
  }

  /** Whether this is the next message. */
  take(seq: number, message: ClientMessage): boolean {
    if (seq !== this.#received + 1) return false
    this.#received = seq
    if ('memberId' in message && this.#id === '') this.#id = message.memberId
    return true
  }

  acknowledge(ack: number): void {
    this.#kept = this.#kept.filter(({ seq }) => seq > ack)
  }

  hear(message: ServerMessage): void {
    this.#sent += 1
    const frame = encode(serverFrame, { type: 'item', seq: this.#sent, ack: this.#received, message })
    this.#kept.push({ seq: this.#sent, frame })
    if (this.#path !== undefined) this.#transmit(this.#path, frame)
  }

  pong(): void {
    this.#send('pong')
  }

  ping(now: Millis): void {
    this.#pingAt = now + pingEveryMs
    this.#send('ping')
  }

  #send(type: 'ping' | 'pong'): void {
    if (this.#path !== undefined)
      this.#transmit(this.#path, encode(serverFrame, { type, ack: this.#received }))
  }
}
