import type { Crypto, Datagram } from '@crowfly/sansio'
import { SignalingServer } from '@crowfly/signaling'
import { decode, serverFrame } from '@crowfly/signaling/wire'
import { SeededRandom } from '@crowfly/testkit'
import { repairScript, steps } from '../signaling-script.ts'
import { type FuzzTarget, invariant } from '../target.ts'

/** Not a MAC, but fast, and different for different messages. */
const crypto: Crypto = {
  hmacSha1: (_, message) => mix(message, 20),
  hmacSha256: (_, message) => mix(message, 32),
  sha256: (message) => mix(message, 32),
  md5: (message) => mix(message, 16),
}

function mix(message: Uint8Array, length: number): Uint8Array {
  const digest = new Uint8Array(length)
  message.forEach((octet, i) => {
    digest[i % length] = Math.imul((digest[i % length] ?? 0) + octet + i, 167) >>> 3
  })
  return digest
}

const tokenKey = new Uint8Array(32)
const opened = {
  address: { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 5000 },
  host: 'crowfly.example',
} as const

/** A server and the connections to it, through one input. */
class Run {
  readonly server = new SignalingServer({
    random: new SeededRandom(1),
    crypto,
    tokenKey,
    iceServers: (host, { nameplate, memberId }) => {
      this.#served.add(`${nameplate} ${memberId}`)
      return [{ urls: [`stun:${host}:8443`] }]
    },
    iceLifetimeMs: 60_000,
    limits: {
      maxOutboxMessages: 32,
      maxMembersPerRoom: 3,
      maxConnections: 3,
      maxRooms: 3,
      maxPendingPerRoom: 2,
      ticketsPerMember: 2,
      ticketReserveMs: 3_000,
    },
  })
  /** Who was given ICE servers and has not left since. */
  readonly #served = new Set<string>()
  readonly #open = new Set<number>()
  readonly #said = new Set<string>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #now = 0

  step(kind: number, path: number, bytes: Uint8Array): void {
    if (kind === 0) this.#connect(path)
    else if (kind === 1) this.#close(path)
    else if (kind === 2) this.#now += (bytes[0] ?? 0) * 200
    else if (this.#open.has(path)) this.#receive(path, bytes)
    this.#settle()
  }

  /** Everybody goes; nothing may be left. Returns what the server said. */
  finish(): string {
    for (const path of [...this.#open]) {
      this.#close(path)
      this.#settle()
    }
    this.#now += 31_000
    this.#settle()
    const { connections, sessions, rooms, members, waitingBytes } = this.server.counters
    const left = [connections, sessions, rooms, members, waitingBytes].join()
    invariant(left === '0,0,0,0,0', `connections, sessions, rooms, members and bytes are left: ${left}`)
    invariant(this.server.pollTimeout() === Infinity, 'a deadline is left')
    invariant(this.#served.size === 0, 'somebody has left, and nobody was told')
    return [...this.#said].sort().join(' ')
  }

  #connect(path: number): void {
    if (this.#open.has(path)) return
    this.#open.add(path)
    this.server.handleOpen(path, opened, this.#now)
  }

  #close(path: number): void {
    if (this.#open.delete(path)) this.server.handleClose(path, this.#now)
  }

  #receive(path: number, bytes: Uint8Array): void {
    this.server.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.#now)
    this.#drain()
    bytes.fill(0xee)
  }

  #settle(): void {
    this.server.handleTimeout(this.#now)
    this.#drain()
    invariant(this.server.pollTimeout() > this.#now, 'the deadline is not ahead')
  }

  #drain(): void {
    for (let polls = 0; polls < 5_000; polls++) {
      if (this.server.pollTransmit(this.#out)) {
        this.#check()
        continue
      }
      const event = this.server.pollEvent()
      if (event === undefined) return
      if (event.type === 'disconnect') this.#close(event.path)
      else if (event.type === 'memberLeft') this.#served.delete(`${event.nameplate} ${event.memberId}`)
    }
    invariant(false, 'it never stops to speak')
  }

  #check(): void {
    const { bytes, start, end, path } = this.#out
    invariant(this.#open.has(path), 'it speaks to nobody')
    const frame = decode(serverFrame, bytes, start, end)
    invariant(typeof frame !== 'string', 'it speaks nonsense')
    this.#said.add(frame.type === 'item' ? frame.message.type : frame.type)
  }
}

/** The server under up to four connections that say anything: it stays sound, and keeps nothing of those who go. */
export const target: FuzzTarget = {
  run(input) {
    const run = new Run()
    for (const { kind, path, bytes } of steps(input)) run.step(kind, path, bytes)
    return run.finish()
  },
  repair: repairScript,
  maxBytes: 1024,
}
