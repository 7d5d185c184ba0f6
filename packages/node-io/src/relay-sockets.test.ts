import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { formatTransportAddress, parseAddress, type TransportAddress } from '@crowfly/sansio'
import { afterEach, expect, test } from 'vitest'
import { RelaySockets } from './relay-sockets.ts'

const open: { close(): void }[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

function transportAddress(text: string, port: number): TransportAddress {
  const address = parseAddress(text) ?? new Uint8Array(4)
  return { family: address.length === 4 ? 4 : 6, address, port }
}

async function peer(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  open.push(socket)
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

/** A UDP port that nothing has now. */
async function freePort(address: string): Promise<number> {
  const socket = await peer(address)
  const { port } = socket.address()
  socket.close()
  open.splice(open.indexOf(socket), 1)
  return port
}

function relays() {
  const heard: string[] = []
  const failures: string[] = []
  const sockets = new RelaySockets({
    receive: ({ bytes, start, end, relay, peer }) =>
      heard.push(
        `${relay} ${formatTransportAddress(peer)} ${new TextDecoder().decode(bytes.subarray(start, end))}`,
      ),
    failed: (relay, code) => failures.push(`${relay} ${code}`),
  })
  open.push({ close: () => sockets.closeAll() })
  const send = (relay: number, to: TransportAddress, text: string): void => {
    const bytes = new TextEncoder().encode(`..${text}..`)
    sockets.transmit({ bytes, start: 2, end: bytes.length - 2, relay, peer: to })
    // The machine writes over what it gave.
    bytes.fill(0)
  }
  return { sockets, heard, failures, send }
}

test.each(['127.0.0.1', '::1'])(
  'a relayed address of %s talks with its peers, from its first packet on',
  async (host) => {
    const { sockets, heard, send } = relays()
    const other = await peer(host)
    const port = await freePort(host)
    sockets.open(7, transportAddress(host, port))
    const arrived = once(other, 'message')
    send(7, transportAddress(host, other.address().port), 'to the peer')
    const [message, from] = await arrived
    expect(String(message)).toBe('to the peer')
    expect(from).toMatchObject({ address: host, port })
    other.send('to the relay', port, host)
    const name = formatTransportAddress(transportAddress(host, other.address().port))
    await expect.poll(() => heard).toEqual([`7 ${name} to the relay`])
    expect(sockets.counters).toEqual({ received: 1, sent: 1, dropped: 0 })
  },
)

test('an address that is taken is told, and what was sent by it is lost', async () => {
  const { sockets, failures, send } = relays()
  const other = await peer('127.0.0.1')
  sockets.open(3, transportAddress('127.0.0.1', other.address().port))
  await expect.poll(() => failures).toEqual(['3 EADDRINUSE'])
  expect(sockets.size).toBe(0)
  send(3, transportAddress('127.0.0.1', other.address().port), 'lost')
  expect(sockets.counters.dropped).toBe(1)
})

test('a closed relayed address is let go of, and hears nothing any more', async () => {
  const { sockets, heard, failures } = relays()
  const port = await freePort('127.0.0.1')
  sockets.open(1, transportAddress('127.0.0.1', port))
  sockets.close(1)
  sockets.close(1)
  const other = createSocket('udp4')
  open.push(other)
  other.bind(port, '127.0.0.1')
  await once(other, 'listening')
  sockets.open(1, transportAddress('127.0.0.1', await freePort('127.0.0.1')))
  expect(sockets.size).toBe(1)
  expect([heard, failures]).toEqual([[], []])
})

test('port 0 and addresses without a route are dropped, and the socket goes on', async () => {
  const { sockets, send } = relays()
  const other = await peer('127.0.0.1')
  sockets.open(1, transportAddress('127.0.0.1', await freePort('127.0.0.1')))
  send(1, transportAddress('127.0.0.1', 0), 'nowhere')
  expect(sockets.counters.dropped).toBe(1)
  // From a loopback address no other machine is reached.
  send(1, transportAddress('192.0.2.1', 9), 'no route')
  const arrived = once(other, 'message')
  send(1, transportAddress('127.0.0.1', other.address().port), 'still here')
  expect(String((await arrived)[0])).toBe('still here')
})
