import { drive, nodeRandom, plainBytes } from '@crowfly/node-io'
import { type MemberEvent, MemberSession, type RoomRequest } from '@crowfly/signaling'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { afterThis } from './running.ts'

/** A member of a room, over real WebSockets. */
export interface Member {
  readonly id: string
  readonly events: readonly MemberEvent[]
  /** The first event of a type, once it has come. */
  event<T extends MemberEvent['type']>(type: T): Promise<Extract<MemberEvent, { type: T }>>
  send(to: string, envelope: Uint8Array): void
  /** Has the session do something else. */
  act(action: (session: MemberSession, now: number) => void): void
  /** Cuts the connection under it, as a network would. */
  cut(): void
  /** Stops reading. */
  pause(): void
  /** Is heard of no more. */
  vanish(): void
  /** Leaves the room, and says so. */
  leave(): void
}

/**
 * A member who opens `room` on the server at `port()`; asked at each connection, as a restarted server may move.
 * `authorization` is what they show to the application. One who is 'outside' has done nothing yet.
 */
export function member(port: () => number, room: RoomRequest | 'outside', authorization?: string): Member {
  const session = new MemberSession({ random: nodeRandom, authorization })
  const events: MemberEvent[] = []
  let path = 0
  let webSocket: WebSocket | undefined
  const connect = (): void => {
    const own = new WebSocket(`ws://localhost:${port()}/signal`, 'crowfly.1', { perMessageDeflate: false })
    const ownPath = ++path
    webSocket = own
    own.on('open', () => {
      session.handleOpen(ownPath, undefined, driven.now())
      driven.settle()
    })
    own.on('message', (bytes: Buffer) => {
      session.handleDatagram(
        { bytes: plainBytes(bytes), start: 0, end: bytes.length, path: ownPath },
        driven.now(),
      )
      driven.settle()
    })
    own.on('error', () => undefined)
    own.on('close', () => {
      session.handleClose(ownPath, driven.now())
      driven.settle()
    })
  }
  const driven = drive<MemberEvent>(session, {
    transmit: ({ bytes, start, end, path: to }) => {
      if (to === path) webSocket?.send(bytes.slice(start, end))
    },
    event: (event) => {
      events.push(event)
      if (event.type === 'connect') connect()
      else if (event.type === 'disconnect') webSocket?.close()
    },
  })
  afterThis(() => {
    driven.stop()
    webSocket?.terminate()
  })
  if (room !== 'outside') session.open(room, driven.now())
  driven.settle()
  return {
    id: session.memberId,
    events,
    async event<T extends MemberEvent['type']>(type: T) {
      const isOne = (event: MemberEvent): event is Extract<MemberEvent, { type: T }> => event.type === type
      await expect.poll(() => events.some(isOne), { timeout: 15_000 }).toBe(true)
      const found = events.find(isOne)
      if (found === undefined) throw new Error(`no ${type}`)
      return found
    },
    send(to, envelope) {
      session.send(to, envelope)
      driven.settle()
    },
    act(action) {
      action(session, driven.now())
      driven.settle()
    },
    cut: () => webSocket?.terminate(),
    pause: () => webSocket?.pause(),
    vanish() {
      driven.stop()
      webSocket?.terminate()
    },
    leave() {
      session.leave()
      driven.settle()
    },
  }
}
