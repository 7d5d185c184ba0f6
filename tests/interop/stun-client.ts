import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { drive } from '@crowfly/node-io'
import { parseAddress, type TransportAddress } from '@crowfly/sansio'
import {
  ClientTransaction,
  type ClientTransactionEvent,
  type ClientTransactionOptions,
  type Frame,
  StunStreamFramer,
} from '@crowfly/stun'

const PATH = 0

/** How a transaction ended, and the address that it was sent from. */
export interface Answer {
  event: ClientTransactionEvent
  local: TransportAddress
}

type Request = Pick<ClientTransactionOptions, 'request' | 'credential' | 'isKnownAttribute'>

/** An open socket: how to send on it, and where what arrives goes. */
interface Carrier {
  local: TransportAddress
  send(bytes: Uint8Array): void
  close(): void
}

function runTransaction(
  options: ClientTransactionOptions,
  open: (receive: (bytes: Uint8Array, start: number, end: number) => void) => Promise<Carrier>,
): Promise<Answer> {
  const transaction = new ClientTransaction(options)
  return new Promise((resolve, reject) => {
    const start = async () => {
      const carrier = await open((bytes, start, end) => {
        transaction.handleDatagram({ bytes, start, end, path: PATH }, driver.now())
        driver.settle()
      })
      const driver = drive(transaction, {
        transmit: (output) => carrier.send(output.bytes.slice(output.start, output.end)),
        event: (event) => {
          driver.stop()
          carrier.close()
          resolve({ event, local: carrier.local })
        },
      })
      transaction.start(driver.now())
      driver.settle()
    }
    start().catch(reject)
  })
}

function localAddress(family: 4 | 6, host: string, port: number): TransportAddress {
  return { family, address: parseAddress(host) ?? new Uint8Array(0), port }
}

function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4
}

/** Runs a transaction over UDP, from `host` to the same address. */
export function askByUdp(host: string, port: number, request: Request): Promise<Answer> {
  const family = familyOf(host)
  return runTransaction({ ...request, path: PATH, isReliable: false }, async (receive) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    socket.on('message', (message) => receive(message, 0, message.length))
    socket.bind(0, host)
    await once(socket, 'listening')
    return {
      local: localAddress(family, host, socket.address().port),
      send: (bytes) => socket.send(bytes, port, host),
      close: () => socket.close(),
    }
  })
}

/** Runs a transaction over TCP. */
export function askByTcp(host: string, port: number, request: Request): Promise<Answer> {
  return runTransaction({ ...request, path: PATH, isReliable: true }, async (receive) => {
    const socket = connect(port, host)
    const framer = new StunStreamFramer()
    const frame: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
    socket.on('data', (chunk) => {
      framer.push(chunk)
      while (framer.next(frame)) receive(frame.bytes, frame.start, frame.end)
    })
    await once(socket, 'connect')
    return {
      local: localAddress(familyOf(host), host, socket.localPort ?? 0),
      send: (bytes) => socket.write(bytes),
      close: () => socket.destroy(),
    }
  })
}

/** Sends bytes over UDP and gives the first datagram that comes back; for what no transaction would send. */
export async function exchangeByUdp(host: string, port: number, bytes: Uint8Array): Promise<Uint8Array> {
  const socket = createSocket(familyOf(host) === 6 ? 'udp6' : 'udp4')
  try {
    socket.send(bytes, port, host)
    const [message] = await once(socket, 'message', { signal: AbortSignal.timeout(10_000) })
    return message
  } finally {
    socket.close()
  }
}
