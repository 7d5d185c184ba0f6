import type { SignalingProtocol } from './signaling-client.ts'
import { LoadWebSocket } from './web-socket.ts'

let lastRoom = 0

/** The protocol of servers/bare-relay.ts: the room is in the path, and messages go to the others as they are. */
export const relayProtocol: SignalingProtocol = {
  connect(port, address, handler) {
    const room = address ?? `/${process.pid}-${++lastRoom}`
    const socket = new LoadWebSocket(port, room, undefined, {
      open: () => handler.ready(room),
      message: () => handler.received(),
      close: () => handler.closed(),
    })
    return {
      send: (_kind, bytes) => socket.sendBinary(new Uint8Array(bytes)),
      close: () => socket.close(),
    }
  },
}
