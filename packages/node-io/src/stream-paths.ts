import type { Socket } from 'node:net'
import {
  type Datagram,
  type PathId,
  type PathTable,
  parseAddress,
  type TransportAddress,
} from '@crowfly/sansio'
import { plainBytes } from './plain-bytes.ts'

/** Cuts a byte stream into messages. `StunStreamFramer` is one. */
export interface StreamFramer {
  /** Why the stream was given up; `undefined` while it is sound. */
  readonly fault: string | undefined
  /** Takes a chunk, borrowed until `next` has returned false. */
  push(chunk: Uint8Array): void
  /** Fills `out` with the next whole message; false when there is none yet. */
  next(out: Datagram): boolean
}

/** Settings of `StreamPaths`. */
export interface StreamPathsOptions {
  /** Where each stream opens its path. */
  paths: PathTable
  framer(): StreamFramer
  /** Takes one whole message, borrowed until it returns: hand it to the machine and settle the drive. */
  receive(message: Datagram): void
  /** A stream on which nothing went by for so long is closed. Default 120,000; 0 leaves that to the machine. */
  idleTimeoutMs?: number
  /** A stream stands on `path`; nothing has been received yet. */
  opened?(path: PathId): void
  /** The stream on `path` is gone, whoever ended it. The path is released when this returns. */
  closed?(path: PathId): void
  /**
   * Bytes that may wait to be sent on a stream before what comes from elsewhere is dropped, message by message, as a
   * network would. Default 262,144.
   */
  maxWaitingBytes?: number
  /** How long a stream that is ended has to take what waits. Default 5,000. */
  farewellMs?: number
}

/** Messages of one stream that are taken before the others get their turn. */
const messagesPerTurn = 64

/** One stream, and why it is not read from, if it is not. */
interface OpenStream {
  readonly path: PathId
  readonly socket: Socket
  readonly framer: StreamFramer
  /** It does not read its answers. */
  isFull: boolean
  /** More of its messages are here than were taken in one turn. */
  isBehind: boolean
}

/**
 * The TCP or TLS streams of one machine: each is a path, each framed message a datagram.
 *
 * A peer that does not read what it asked for is not read from either, so that what waits to be sent is bounded by
 * one chunk's answers. What it did not ask for (a relay's packets from others) does not stop it from speaking, and is
 * dropped when too much waits. A stream that says much at once is heard in turns. One that is not framed as it should
 * be is closed.
 */
export class StreamPaths {
  readonly #options: StreamPathsOptions
  readonly #streams = new Map<PathId, OpenStream>()
  readonly #input: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  readonly #maxWaitingBytes: number
  /** The stream that is being heard, or -1. */
  #current: PathId = -1
  #dropped = 0

  constructor(options: StreamPathsOptions) {
    this.#options = options
    this.#maxWaitingBytes = options.maxWaitingBytes ?? 262_144
  }

  /** Streams open now. */
  get size(): number {
    return this.#streams.size
  }

  /** Messages that were dropped because too much waited already. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes over a connected socket, of which nothing has been read. It is destroyed when there is no path for it. */
  add(socket: Socket, transport: 'tcp' | 'tls'): void {
    const local = endOf(socket.localAddress, socket.localPort)
    const remote = endOf(socket.remoteAddress, socket.remotePort)
    const path = local && remote ? this.#options.paths.open(transport, local, remote) : -1
    if (path < 0) {
      socket.destroy()
      return
    }
    const framer = this.#options.framer()
    const stream: OpenStream = { path, socket, framer, isFull: false, isBehind: false }
    this.#streams.set(path, stream)
    socket.setNoDelay(true)
    socket.setTimeout(this.#options.idleTimeoutMs ?? 120_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      framer.push(plainBytes(chunk))
      this.#hear(stream)
    })
    socket.on('drain', () => {
      stream.isFull = false
      readOn(stream)
    })
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.#streams.delete(path)
      this.#options.closed?.(path)
      this.#options.paths.release(path)
    })
    this.#options.opened?.(path)
  }

  /** Sends a message on its path, and says whether the path is one of these streams. */
  transmit(output: Datagram): boolean {
    const stream = this.#streams.get(output.path)
    if (stream === undefined) return false
    const { socket } = stream
    const isAnswer = output.path === this.#current
    if (!isAnswer && socket.writableLength + output.end - output.start > this.#maxWaitingBytes) {
      this.#dropped++
      return true
    }
    // The socket may keep the bytes until it has room, and the machine writes over them: copy.
    const bytes = Buffer.allocUnsafe(output.end - output.start)
    bytes.set(output.bytes.subarray(output.start, output.end))
    if (!socket.write(bytes) && isAnswer) {
      stream.isFull = true
      socket.pause()
    }
    return true
  }

  /** Ends the stream on `path`, if there is one, once what waits has been sent or its peer has gone. */
  end(path: PathId): void {
    const socket = this.#streams.get(path)?.socket
    if (socket === undefined) return
    socket.pause()
    socket.destroySoon()
    // A peer that does not read never lets it go out.
    setTimeout(() => socket.destroy(), this.#options.farewellMs ?? 5_000).unref()
  }

  /** Ends all streams at once. */
  close(): void {
    for (const { socket } of this.#streams.values()) socket.destroy()
  }

  /** Takes the messages that are here, as many as one turn has. Its answers are sent by one system call. */
  #hear(stream: OpenStream): void {
    const { path, socket, framer } = stream
    const input = this.#input
    socket.cork()
    for (let left = messagesPerTurn; left > 0 && framer.next(input); left--) {
      input.path = path
      this.#current = path
      this.#options.receive(input)
      this.#current = -1
      if (socket.destroyed || socket.writableEnded) return
      stream.isBehind = left === 1
    }
    socket.uncork()
    if (stream.isBehind) {
      socket.pause()
      setImmediate(() => {
        stream.isBehind = false
        if (!socket.destroyed && !socket.writableEnded) this.#hear(stream)
      })
    } else if (framer.fault === undefined) readOn(stream)
    else socket.destroy()
  }
}

function readOn({ socket, isFull, isBehind }: OpenStream): void {
  if (!isFull && !isBehind && socket.isPaused()) socket.resume()
}

/** One end of a socket; an IPv4 peer of a dual-stack socket shows as IPv4. Undefined once the socket is closed. */
function endOf(text: string | undefined, port: number | undefined): TransportAddress | undefined {
  if (text === undefined || port === undefined) return undefined
  const address = parseAddress(text)
  if (address === undefined) return undefined
  return unmapped(address, port)
}

/** A transport address in which an IPv4-mapped IPv6 address has become IPv4. */
export function unmapped(address: Uint8Array, port: number): TransportAddress {
  // RFC 4291 §2.5.5.2: 80 zero bits, 16 one bits, the IPv4 address.
  const isMapped = address.length === 16 && address.every((byte, i) => i > 11 || byte === (i > 9 ? 0xff : 0))
  if (isMapped) return { family: 4, address: address.subarray(12, 16), port }
  return { family: address.length === 4 ? 4 : 6, address, port }
}
