import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseAddress, type TransportAddress } from '@crowfly/sansio'

/** Bytes to and from a server, message by message. */
export interface Wire {
  readonly local: TransportAddress
  readonly isReliable: boolean
  /** Whether the other side has ended it, or an error has. */
  readonly isClosed: boolean
  /** Takes each whole message or datagram, owned. */
  receive: (message: Uint8Array) => void
  /** Sends bytes as they are; on a stream not even padded. */
  send(bytes: Uint8Array): void
  close(): void
  /** Ends it at once, a TCP connection by a reset: then its port is free. */
  abort(): void
}

/** Where a wire leads, and the address and port that it comes from. */
export interface WireOptions {
  host: string
  port: number
  source?: string | undefined
  sourcePort?: number
}

/** The transport address of a host given as an address. */
export function transportAddress(host: string, port: number): TransportAddress {
  const address = parseAddress(host)
  if (address === undefined) throw new TypeError(`${host} is no IP address`)
  return { family: address.length === 4 ? 4 : 6, address, port }
}

export async function openUdpWire(options: WireOptions): Promise<Wire> {
  const { host, port, source = host.includes(':') ? '::' : '0.0.0.0', sourcePort = 0 } = options
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', reuseAddr: sourcePort !== 0 })
  socket.bind(sourcePort, source)
  await once(socket, 'listening')
  let isClosed = false
  const wire = {
    local: transportAddress(source, socket.address().port),
    isReliable: false,
    get isClosed() {
      return isClosed
    },
    receive: (_: Uint8Array) => {},
    send: (bytes: Uint8Array) => {
      if (!isClosed) socket.send(bytes, port, host, () => {})
    },
    close: () => {
      if (!isClosed) socket.close()
      isClosed = true
    },
    abort: () => wire.close(),
  }
  // A refusal by ICMP is an answer like another.
  socket.on('error', () => {})
  socket.on('message', (message) => wire.receive(new Uint8Array(message)))
  return wire
}

/** Over TCP; messages are cut by their own lengths, RFC 8489 §6.2.2 and RFC 8656 §12.5. */
export async function openTcpWire(options: WireOptions): Promise<Wire> {
  const { host, port, source, sourcePort } = options
  const socket = connect({
    host,
    port,
    ...(source === undefined ? {} : { localAddress: source }),
    ...(sourcePort === undefined ? {} : { localPort: sourcePort }),
  })
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  socket.on('error', () => {})
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  let rest: Uint8Array = new Uint8Array(0)
  const wire = {
    local: transportAddress(socket.localAddress ?? '0.0.0.0', socket.localPort ?? 0),
    isReliable: true,
    get isClosed() {
      return isClosed
    },
    receive: (_: Uint8Array) => {},
    send: (bytes: Uint8Array) => {
      if (!isClosed) socket.write(bytes)
    },
    close: () => {
      isClosed = true
      socket.destroy()
    },
    abort: () => {
      isClosed = true
      socket.resetAndDestroy()
    },
  }
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const [first = 0, , high = 0, low = 0] = rest
      const length = (high << 8) | low
      const end = first < 0x40 ? 20 + length : 4 + length
      const paddedEnd = (end + 3) & ~3
      if (rest.length < 4 || rest.length < paddedEnd) return
      wire.receive(rest.slice(0, end))
      rest = rest.slice(paddedEnd)
    }
  })
  return wire
}
