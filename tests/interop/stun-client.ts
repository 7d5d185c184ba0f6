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

/** A socket to a server, as one client has it. */
export interface StunSocket {
  readonly local: TransportAddress
  readonly isReliable: boolean
  /** Takes what arrives, as whole messages. */
  receive: (bytes: Uint8Array, start: number, end: number) => void
  send(bytes: Uint8Array): void
  close(): void
}

/** A UDP socket at `host` that speaks with the same address. */
export async function openUdp(host: string, port: number): Promise<StunSocket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  const opened: StunSocket = {
    local: transportAddress(host, socket.address().port),
    isReliable: false,
    receive: () => {},
    send: (bytes) => socket.send(bytes, port, host),
    close: () => socket.close(),
  }
  socket.on('message', (message) => opened.receive(message, 0, message.length))
  return opened
}

/** A TCP connection. */
export async function openTcp(host: string, port: number): Promise<StunSocket> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  const opened: StunSocket = {
    local: transportAddress(host, socket.localPort ?? 0),
    isReliable: true,
    receive: () => {},
    send: (bytes) => socket.write(bytes),
    close: () => socket.destroy(),
  }
  const framer = new StunStreamFramer()
  const frame: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
  socket.on('data', (chunk) => {
    framer.push(chunk)
    while (framer.next(frame)) opened.receive(frame.bytes, frame.start, frame.end)
  })
  return opened
}

/** Runs a transaction on a socket and says how it ended. */
export function ask(
  socket: StunSocket,
  request: Pick<ClientTransactionOptions, 'request' | 'credential' | 'isKnownAttribute'>,
): Promise<ClientTransactionEvent> {
  const transaction = new ClientTransaction({ ...request, path: PATH, isReliable: socket.isReliable })
  return new Promise((resolve) => {
    const driver = drive(transaction, {
      transmit: (output) => socket.send(output.bytes.slice(output.start, output.end)),
      event: (event) => {
        driver.stop()
        resolve(event)
      },
    })
    socket.receive = (bytes, start, end) => {
      transaction.handleDatagram({ bytes, start, end, path: PATH }, driver.now())
      driver.settle()
    }
    transaction.start(driver.now())
    driver.settle()
  })
}

/** Sends bytes and gives the first message that comes back; for what no transaction would send. */
export async function exchange(socket: StunSocket, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    socket.receive = (received, start, end) => resolve(new Uint8Array(received.subarray(start, end)))
    socket.send(bytes)
  })
}

function transportAddress(host: string, port: number): TransportAddress {
  return { family: host.includes(':') ? 6 : 4, address: parseAddress(host) ?? new Uint8Array(0), port }
}
