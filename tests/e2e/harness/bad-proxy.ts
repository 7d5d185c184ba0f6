import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'

/** What a proxy does to what passes through it. */
export interface ProxyManners {
  /**
   * What becomes of a WebSocket: it passes; it is never answered; it is answered as if it were an ordinary request; or it
   * is opened, and what the client says on it is kept.
   */
  upgrades: 'pass' | 'ignore' | 'answer 200' | 'answer 400' | 'keep'
  /** Whether answers are passed on only once they are complete. */
  buffers: boolean
  /** Milliseconds after which each connection is cut, whatever is under way on it. */
  cutAfterMs: number
}

const harmless: ProxyManners = { upgrades: 'pass', buffers: false, cutAfterMs: Number.POSITIVE_INFINITY }

/** A reverse proxy as networks have them, between browsers and a server on this machine. Its manners may change. */
export class BadProxy {
  readonly manners: ProxyManners
  readonly #server: Server
  readonly #targetPort: number
  readonly #sockets = new Set<Socket>()
  #port = 0
  /** WebSockets that were asked for. */
  upgrades = 0
  /** Requests of polled connections so far, and those that are not answered: one that is polled has always one. */
  polls = 0
  pendingPolls = 0
  /** Connections that were cut. */
  cuts = 0
  /** WebSockets that passed and stand. */
  webSockets = 0

  private constructor(targetPort: number, manners: Partial<ProxyManners>) {
    this.#targetPort = targetPort
    this.manners = { ...harmless, ...manners }
    this.#server = createServer((asked, answer) => this.#forward(asked, answer))
    this.#server.on('connection', (socket) => this.#watch(socket))
    this.#server.on('upgrade', (asked, socket, head) => this.#upgrade(asked, socket as Socket, head))
  }

  static async start(targetPort: number, manners: Partial<ProxyManners>): Promise<BadProxy> {
    const proxy = new BadProxy(targetPort, manners)
    proxy.#server.listen(0)
    await once(proxy.#server, 'listening')
    const address = proxy.#server.address()
    proxy.#port = typeof address === 'object' && address !== null ? address.port : 0
    return proxy
  }

  get origin(): string {
    return `http://localhost:${this.#port}`
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    const { cutAfterMs } = this.manners
    const cut =
      cutAfterMs < Number.POSITIVE_INFINITY
        ? setTimeout(() => {
            this.cuts += 1
            socket.destroy()
          }, cutAfterMs)
        : undefined
    socket.on('close', () => {
      clearTimeout(cut)
      this.#sockets.delete(socket)
    })
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    if (asked.method === 'POST') {
      this.polls += 1
      this.pendingPolls += 1
      answer.on('close', () => {
        this.pendingPolls -= 1
      })
    }
    const { method, url, headers } = asked
    const forwarded = request({
      port: this.#targetPort,
      host: '127.0.0.1',
      method,
      path: url,
      headers,
      agent: false,
    })
    forwarded.on('error', () => answer.destroy())
    answer.on('close', () => forwarded.destroy())
    forwarded.on('response', (response) => {
      const head = (): unknown => answer.writeHead(response.statusCode ?? 502, response.headers)
      if (!this.manners.buffers) {
        head()
        response.pipe(answer)
        return
      }
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        head()
        answer.end(Buffer.concat(chunks))
      })
    })
    asked.pipe(forwarded)
  }

  #upgrade(asked: IncomingMessage, socket: Socket, head: Buffer): void {
    this.upgrades += 1
    const { upgrades } = this.manners
    if (upgrades === 'ignore') return
    if (upgrades === 'answer 200' || upgrades === 'answer 400') {
      const status = upgrades === 'answer 200' ? '200 OK' : '400 Bad Request'
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi`)
      return
    }
    const target = connect({ port: this.#targetPort, host: '127.0.0.1' })
    target.on('error', () => socket.destroy())
    target.on('close', () => socket.destroy())
    this.webSockets += 1
    socket.on('close', () => {
      this.webSockets -= 1
      target.destroy()
    })
    const lines = [`${asked.method} ${asked.url} HTTP/1.1`]
    for (let i = 0; i < asked.rawHeaders.length; i += 2)
      lines.push(`${asked.rawHeaders[i]}: ${asked.rawHeaders[i + 1]}`)
    target.write(`${lines.join('\r\n')}\r\n\r\n`)
    target.pipe(socket)
    if (upgrades === 'keep') socket.resume()
    else {
      target.write(head)
      socket.pipe(target)
    }
  }
}
