import type { SignalingProtocol } from './signaling-client.ts'
import { LoadWebSocket } from './web-socket.ts'

/** As in the PeerJS client, `util.pingInterval`. */
const HEARTBEAT_MS = 5000

let lastId = 0

/** PeerJS's protocol. A client's address is its peer id, which it chooses itself: one HTTP request less. */
export const peerjsProtocol: SignalingProtocol = {
  connect(port, address, handler) {
    const id = `bench-${process.pid}-${++lastId}`
    let other = address
    const socket = new LoadWebSocket(
      port,
      `/peerjs?key=peerjs&id=${id}&token=t${lastId}&version=1.5.4`,
      undefined,
      {
        open: () => {},
        message(payload) {
          // Only the first octets are looked at, as with the other protocols: {"type":"OPEN"…
          const type = payload.toString('latin1', 9, payload.indexOf('"', 9))
          if (type === 'OPEN') return handler.ready(id)
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
      },
    )
    const heartbeat = setInterval(() => socket.sendText('{"type":"HEARTBEAT"}'), HEARTBEAT_MS)
    return {
      send: (type, bytes) => {
        socket.sendText(JSON.stringify({ type, payload: { text: 'x'.repeat(bytes) }, dst: other }))
      },
      close: () => socket.close(),
    }
  },
}
