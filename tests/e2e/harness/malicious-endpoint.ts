import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { MaliciousServer } from '@crowfly/client/testing/malice'
import type { Datagram, PathId } from '@crowfly/sansio'
import { signalingPath, signalingSubprotocol } from '@crowfly/signaling'
import { SeededRandom } from '@crowfly/testkit'
import { type WebSocket, WebSocketServer } from 'ws'
import { freePort } from './free-port.ts'

/** An origin whose pages are those of the product's server, and whose signaling is an attacker's. */
export class MaliciousEndpoint {
  readonly random = new SeededRandom(1)
  readonly machine = new MaliciousServer({ random: this.random.fork() })
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Map<PathId, WebSocket>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #nextPath: PathId = 0
  #timer: NodeJS.Timeout | undefined

  private constructor(port: number, pages: string) {
    this.port = port
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => signalingSubprotocol })
    this.#server = createServer((asked, answer) => {
      // Signaling over HTTP would be the honest server's.
      if (asked.url?.startsWith(signalingPath)) answer.writeHead(404).end()
      else pass(pages, asked, answer)
    })
    this.#server.on('upgrade', (asked, socket, head) => {
      if (asked.url !== signalingPath) socket.destroy()
      else sockets.handleUpgrade(asked, socket, head, (webSocket) => this.#take(webSocket))
    })
  }

  /** `pages`: the origin that everything but signaling comes from. */
  static async open(pages: string): Promise<MaliciousEndpoint> {
    const endpoint = new MaliciousEndpoint(await freePort(), pages)
    endpoint.#server.listen(endpoint.port)
    await once(endpoint.#server, 'listening')
    return endpoint
  }

  get origin(): string {
    return `http://localhost:${this.port}`
  }

  /** The server's hands do something, and what they say goes out. */
  strike(run: () => void): void {
    run()
    this.#settle()
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    for (const socket of this.#sockets.values()) socket.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(socket: WebSocket): void {
    const path = this.#nextPath
    this.#nextPath += 1
    this.#sockets.set(path, socket)
    const client = {
      address: { family: 4, address: Uint8Array.of(127, 0, 0, 1), port: 1 },
      host: 'localhost',
    } as const
    this.machine.handleOpen(path, client, performance.now())
    socket.on('message', (data) => {
      const bytes = new Uint8Array(Buffer.isBuffer(data) ? data : [])
      this.machine.handleDatagram({ bytes, start: 0, end: bytes.length, path }, performance.now())
      this.#settle()
    })
    socket.on('close', () => {
      this.#sockets.delete(path)
      this.machine.handleClose(path, performance.now())
      this.#settle()
    })
    this.#settle()
  }

  #settle(): void {
    while (this.machine.pollTransmit(this.#out)) {
      const { bytes, start, end, path } = this.#out
      this.#sockets.get(path)?.send(bytes.slice(start, end))
    }
    clearTimeout(this.#timer)
    const at = this.machine.pollTimeout()
    if (at === Infinity) return
    this.#timer = setTimeout(
      () => {
        this.machine.handleTimeout(performance.now())
        this.#settle()
      },
      Math.max(0, at - performance.now()),
    )
  }
}

/** Gives what the other origin gives. */
function pass(pages: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method = 'GET', headers, url = '/' } = asked
  const onward = request(new URL(url, pages), { method, headers }, (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers)
    given.pipe(answer)
  })
  onward.on('error', () => answer.destroy())
  asked.pipe(onward)
}
