import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { connect, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { SignalSocket } from './signal-socket.ts'
import { afterThis } from './testing/running.ts'

const handshake = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** RFC 6455 §5.5.1: a Close frame without a body, masked by zeros. */
const closeFrame = Uint8Array.of(0x88, 0x80, 0, 0, 0, 0)

/** A client that keeps its side of TCP open whatever happens, its socket at the server, and what the owner is told. */
async function connected(): Promise<{ client: Socket; socket: SignalSocket; closed: Promise<unknown> }> {
  // `ws` itself would wait 30 s for a client that does not end its side.
  const webSockets = new WebSocketServer({ WebSocket: SignalSocket, noServer: true })
  const server = createServer().listen(0, '127.0.0.1')
  afterThis(() => server.close())
  await once(server, 'listening')
  const ended = new EventEmitter()
  const closed = once(ended, 'closed')
  const accepted = new Promise<SignalSocket>((resolve) => {
    server.on('upgrade', (request, stream, head) => {
      if (!(stream instanceof Socket)) return
      webSockets.handleUpgrade(request, stream, head, (socket) => {
        socket.attach({ received: () => undefined, closed: () => ended.emit('closed') }, 0, stream)
        resolve(socket)
      })
    })
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  afterThis(() => client.destroy())
  client.write(`${handshake.join('\r\n')}\r\n\r\n`)
  const socket = await accepted
  await once(client, 'data')
  return { client, socket, closed }
}

test('TCP is closed by the server once it has answered Close, though the client keeps its side open', async () => {
  const { client, closed } = await connected()
  client.write(closeFrame)
  const [answer] = await once(client, 'data')
  expect(answer).toEqual(Buffer.of(0x88, 0))
  await closed
})

test('TCP is closed by the server once its Close is answered, and not before', async () => {
  const { client, socket, closed } = await connected()
  socket.close(1001)
  const [question] = await once(client, 'data')
  expect(question).toEqual(Buffer.of(0x88, 2, 0x03, 0xe9))
  expect(socket.readyState).toBe(SignalSocket.CLOSING)
  client.write(closeFrame)
  await once(client.resume(), 'end')
  await closed
})
