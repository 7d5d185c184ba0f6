import { signalingPath, signalingSubprotocol } from '@crowfly/signaling'
import type { Handler } from './peer-connection.ts'
import type { SignalingTransport, TransportConnection, TransportListener } from './signaling-transport.ts'

/** The W3C shape that the transport needs of a WebSocket. */
export interface SocketLike {
  binaryType: BinaryType
  onopen: Handler<unknown> | null
  onmessage: Handler<{ readonly data: unknown }> | null
  onclose: Handler<unknown> | null
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
}

export type SocketConstructor = new (url: string, protocol: string) => SocketLike

/** Frames as binary messages of a WebSocket (PROTOCOL.md §1.1). */
export const webSocketTransport: SignalingTransport = {
  open: (server, listener) => openWebSocket(WebSocket, server, listener),
}

/** The same with another constructor than the page's. */
export function webSocketTransportBy(Socket: SocketConstructor): SignalingTransport {
  return { open: (server, listener) => openWebSocket(Socket, server, listener) }
}

function openWebSocket(
  Socket: SocketConstructor,
  server: URL,
  listener: TransportListener,
): TransportConnection {
  const socket = new Socket(socketUrl(server), signalingSubprotocol)
  socket.binaryType = 'arraybuffer'
  socket.onopen = () => listener.opened()
  socket.onmessage = ({ data }) => {
    // A text message is no frame of this protocol; empty bytes are refused by the session like any other garbage.
    listener.frame(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
  }
  socket.onclose = () => listener.closed()
  return {
    send: (frame) => socket.send(frame),
    close() {
      socket.onopen = null
      socket.onmessage = null
      socket.onclose = null
      socket.close()
    },
  }
}

function socketUrl(server: URL): string {
  const url = new URL(signalingPath, server)
  url.protocol = url.protocol === 'http:' || url.protocol === 'ws:' ? 'ws:' : 'wss:'
  return url.href
}
