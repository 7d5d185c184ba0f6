import { connect as connectTcp } from 'node:net'
import type { SignalingClient, SignalingClientHandler, SignalingProtocol } from './signaling-client.ts'
import { LoadWebSocket } from './web-socket.ts'

/** As in the PeerJS client, `util.pingInterval`. */
const HEARTBEAT_MS = 5000

let lastId = 0

/**
 * PeerJS's protocol as `new Peer()` speaks it: the server gives out the id, by an HTTP request before the WebSocket.
 * A client's address is its id.
 */
export const peerjsProtocol: SignalingProtocol = {
  connect(port, address, handler) {
    let client: SignalingClient | undefined
    requestId(port, (id) => {
      client = connectPeer(port, id, address, handler)
    })
    return {
      send: (type, bytes) => client?.send(type, bytes),
      close: () => client?.close(),
    }
  },
}

/** The same as `new Peer(id)` speaks it: clients choose their ids, and connect at once. */
export const peerjsOwnIdProtocol: SignalingProtocol = {
  connect: (port, address, handler) =>
    connectPeer(port, `bench-${process.pid}-${++lastId}`, address, handler),
}

/** Asks for an id, on a connection of its own: a browser does not send WebSockets over those it keeps for HTTP. */
function requestId(port: number, done: (id: string) => void): void {
  let response = ''
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true })
  socket.setEncoding('latin1').on('data', (chunk) => {
    response += chunk
  })
  socket.on('end', () => {
    const id = response.slice(response.indexOf('\r\n\r\n') + 4)
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error(`PeerJS gave no id: ${response}`)
    done(id)
  })
  socket.write(`GET /peerjs/id HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
}

function connectPeer(
  port: number,
  id: string,
  address: string | undefined,
  handler: SignalingClientHandler,
): SignalingClient {
  let other = address
  const path = `/peerjs?key=peerjs&id=${id}&token=${id}&version=1.5.4`
  const socket = new LoadWebSocket(port, path, undefined, {
    open: () => {},
    message(payload) {
      // Only the first octets are looked at, as with the other protocols: {"type":"OPEN"…
      const type = payload.toString('latin1', 9, payload.indexOf('"', 9))
      if (type === 'OPEN') {
        handler.ready(id)
        return
      }
      if (type !== 'OFFER' && type !== 'ANSWER' && type !== 'CANDIDATE') {
        throw new Error(`PeerJS said ${payload.toString('latin1', 0, 200)}`)
      }
      other ??= JSON.parse(payload.toString()).src
      handler.received()
    },
    close() {
      clearInterval(heartbeat)
      handler.closed()
    },
  })
  const heartbeat = setInterval(() => socket.sendText('{"type":"HEARTBEAT"}'), HEARTBEAT_MS)
  return {
    send: (type, bytes) => {
      socket.sendText(JSON.stringify({ type, payload: { text: 'x'.repeat(bytes) }, dst: other }))
    },
    close: () => socket.close(),
  }
}
