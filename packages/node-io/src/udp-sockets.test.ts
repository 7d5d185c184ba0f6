import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { PathTable } from '@crowfly/sansio'
import { afterEach, expect, test } from 'vitest'
import { UdpSockets } from './udp-sockets.ts'

const open: { close(): void }[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

/** Sends each datagram back on its path. */
function echo(): UdpSockets {
  const sockets: UdpSockets = new UdpSockets({
    paths: new PathTable({ capacity: 4 }),
    receive: (datagram) => sockets.transmit(datagram),
  })
  open.push(sockets)
  return sockets
}

async function client(type: 'udp4' | 'udp6', address: string): Promise<Socket> {
  const socket = createSocket(type)
  open.push(socket)
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

async function ask(
  socket: Socket,
  text: string,
  port: number,
  address: string,
): Promise<[string, RemoteInfo]> {
  const answer = once(socket, 'message')
  socket.send(text, port, address)
  const [message, from]: [Buffer, RemoteInfo] = (await answer) as [Buffer, RemoteInfo]
  return [message.toString(), from]
}

test('a reply leaves from the address that was asked', async () => {
  const sockets = echo()
  const { port } = await sockets.bind('127.0.0.1', 0)
  await sockets.bind('127.0.0.2', port)
  const asker = await client('udp4', '127.0.0.1')
  for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.1']) {
    const [text, from] = await ask(asker, `to ${address}`, port, address)
    expect(text).toBe(`to ${address}`)
    expect(from).toMatchObject({ address, port })
  }
  expect(sockets.counters).toEqual({ received: 3, sent: 3, dropped: 0 })
})

test('IPv6 is answered, beside IPv4 on the same port', async () => {
  const sockets = echo()
  const { port } = await sockets.bind('127.0.0.1', 0)
  await sockets.bind('::1', port)
  const asker = await client('udp6', '::1')
  const [text, from] = await ask(asker, 'six', port, '::1')
  expect(text).toBe('six')
  expect(from).toMatchObject({ address: '::1', port, family: 'IPv6' })
})

test('a datagram can be sent on a path later, by the path alone', async () => {
  let path = -1
  const bytes = new Uint8Array([9, 104, 105, 9])
  const sockets = new UdpSockets({
    paths: new PathTable({ capacity: 4 }),
    receive: (datagram) => {
      path = datagram.path
    },
  })
  open.push(sockets)
  const { port } = await sockets.bind('127.0.0.1', 0)
  const asker = await client('udp4', '127.0.0.1')
  const answer = once(asker, 'message')
  asker.send('hello', port, '127.0.0.1')
  await expect.poll(() => path).toBeGreaterThanOrEqual(0)
  sockets.transmit({ bytes, start: 1, end: 3, path })
  const [message] = await answer
  expect(String(message)).toBe('hi')
})

test('more peers than the path table holds are answered all the same', async () => {
  const sockets = echo()
  const { port } = await sockets.bind('127.0.0.1', 0)
  const askers = await Promise.all(Array.from({ length: 9 }, () => client('udp4', '127.0.0.1')))
  const answers = await Promise.all(askers.map((asker, i) => ask(asker, `number ${i}`, port, '127.0.0.1')))
  expect(answers.map(([text]) => text)).toEqual(askers.map((_, i) => `number ${i}`))
})

test('what is sent on the path of a closed socket is dropped and counted', async () => {
  const sockets = echo()
  const socket = await sockets.bind('127.0.0.1', 0)
  const asker = await client('udp4', '127.0.0.1')
  await ask(asker, 'x', socket.port, '127.0.0.1')
  socket.close()
  sockets.transmit({ bytes: new Uint8Array(1), start: 0, end: 1, path: 0 })
  expect(sockets.counters.dropped).toBe(1)
})

test('a port that is taken rejects with the error of the system', async () => {
  const sockets = echo()
  const { port } = await sockets.bind('127.0.0.1', 0)
  await expect(sockets.bind('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(sockets.bind('192.0.2.77', 0)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  await expect(sockets.bind('localhost', 0)).rejects.toMatchObject({ code: 'NODE_IO_ADDRESS' })
})
