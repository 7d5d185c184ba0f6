import type { RemoteInfo, Socket } from 'node:dgram'
import { PathTable } from '@crowfly/sansio'
import { expect, test, vi } from 'vitest'
import { UdpSockets } from './udp-sockets.ts'

const created: Socket[] = []

// A datagram from port 0 takes a raw socket to send, so it is handed to the real socket as the system would.
vi.mock('node:dgram', async (importOriginal) => {
  const dgram = await importOriginal<typeof import('node:dgram')>()
  return {
    ...dgram,
    createSocket: (...options: Parameters<typeof dgram.createSocket>) => {
      const socket = dgram.createSocket(...options)
      created.push(socket)
      return socket
    },
  }
})

test('a datagram from port 0, which nobody can answer, is dropped and ends nothing', async () => {
  const sockets: UdpSockets = new UdpSockets({
    paths: new PathTable({ capacity: 4 }),
    receive: (datagram) => sockets.transmit(datagram),
  })
  await sockets.bind('127.0.0.1', 0)
  const remote: RemoteInfo = { address: '127.0.0.1', family: 'IPv4', port: 0, size: 2 }
  for (const socket of created) socket.emit('message', Buffer.from('hi'), remote)
  expect(created.length).toBe(1)
  expect(sockets.counters).toEqual({ received: 0, sent: 0, dropped: 1 })
  sockets.close()
})
