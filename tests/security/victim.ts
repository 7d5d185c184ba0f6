import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { PEER_ADDRESS } from './own-network.ts'

/** A host that no relay may reach. In the suite's own network it is at every address, else on loopback alone. */
export class Victim {
  readonly port: number
  /** What has reached it, by the text that was sent. */
  readonly seen = new Map<string, RemoteInfo>()
  readonly #sockets: readonly Socket[]

  private constructor(sockets: readonly Socket[], port: number) {
    this.#sockets = sockets
    this.port = port
    for (const socket of sockets) {
      socket.on('message', (message, from) => this.seen.set(message.toString('latin1'), from))
      socket.on('error', () => {})
    }
  }

  static async open(isEverywhere: boolean): Promise<Victim> {
    const v4 = createSocket('udp4')
    v4.bind(0, isEverywhere ? '0.0.0.0' : '127.0.0.1')
    await once(v4, 'listening')
    const { port } = v4.address()
    const v6 = createSocket({ type: 'udp6', ipv6Only: true })
    v6.bind(port, isEverywhere ? '::' : '::1')
    await once(v6, 'listening')
    return new Victim([v4, v6], port)
  }

  /** Sends to a relayed address, as a peer that the family's ordinary host is. */
  async send(text: string, host: string, port: number, source?: string): Promise<void> {
    const isV6 = host.includes(':')
    const socket = createSocket(isV6 ? 'udp6' : 'udp4')
    socket.bind(0, source ?? PEER_ADDRESS[isV6 ? 6 : 4])
    await once(socket, 'listening')
    await new Promise((resolve) => socket.send(text, port, host, resolve))
    socket.close()
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }
}
