import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isNameplate, signalingPath } from '@crowfly/signaling'
import type { AppAssets } from './app-assets.ts'
import { parseHost } from './request-origin.ts'
import { setSecurityHeaders } from './security-headers.ts'
import type { ServerLimits } from './server-limits.ts'

/** Settings of an `HttpService`. */
export interface HttpServiceOptions {
  limits: ServerLimits
  /** Undefined: the app is not built, and its pages say so. */
  app: AppAssets | undefined
  /** Where other devices open the app. */
  originsElsewhere(): readonly string[]
  /** Takes a request to change protocols. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void
  /** Answers what is posted to the signaling endpoint, and the question whether it may be. */
  poll(request: IncomingMessage, response: ServerResponse): void
}

/** Answers HTTP/1.1 on connections that others accepted: the app, its assets, polls and `/healthz`. */
export class HttpService {
  readonly #server: Server
  readonly #app: AppAssets | undefined
  readonly #originsElsewhere: () => readonly string[]
  readonly #poll: HttpServiceOptions['poll']

  constructor(options: HttpServiceOptions) {
    this.#app = options.app
    this.#originsElsewhere = options.originsElsewhere
    this.#poll = options.poll
    this.#server = createServer({
      headersTimeout: options.limits.headersTimeoutMs,
      requestTimeout: options.limits.headersTimeoutMs + 5_000,
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: Math.min(1_000, options.limits.headersTimeoutMs),
    })
    this.#server.on('request', (request, response) => this.#answer(request, response))
    // An HTTP connection is a Socket whatever carries it: the type is that of `net.Server`'s listener.
    this.#server.on('upgrade', (request, socket, head) => options.upgrade(request, socket as Socket, head))
    // What keeps a Server's timeouts begins when it listens; this one is handed its connections instead.
    this.#server.emit('listening')
  }

  /** Takes over a connection, of which nothing has been read. */
  accept(socket: Socket): void {
    this.#server.emit('connection', socket)
  }

  /** Ends connections on which no request is under way, and lets no others be kept alive. */
  close(): void {
    this.#server.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    setSecurityHeaders(response, parseHost(request.headers.host))
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      if (pathOf(request) === signalingPath) {
        this.#poll(request, response)
        return
      }
      response.setHeader('Allow', 'GET, HEAD')
      sendText(request, response, 405, 'Only GET and HEAD are answered here.')
      return
    }
    const path = pathOf(request)
    if (path === undefined) sendText(request, response, 400, 'This address is not well-formed.')
    else if (path === '/healthz') sendText(request, response, 200, 'ok')
    else if (path === '/origins.json') this.#sendOrigins(request, response)
    else this.#sendApp(path, request, response)
  }

  /** Tells a page that was opened as localhost by which origins others reach it; it is nobody else's business. */
  #sendOrigins(request: IncomingMessage, response: ServerResponse): void {
    const isHere =
      isLoopback(parseHost(request.headers.host)?.host) && isLoopback(request.socket.remoteAddress)
    if (isHere) send(request, response, 200, 'application/json', JSON.stringify(this.#originsElsewhere()))
    else sendText(request, response, 404, 'There is nothing at this address.')
  }

  #sendApp(path: string, request: IncomingMessage, response: ServerResponse): void {
    const isPage = /^\/[^/.]*$/.test(path)
    if (this.#app === undefined) {
      if (isPage)
        sendText(
          request,
          response,
          503,
          'The call app has not been built. Run "npm run build" and start again.',
        )
      else sendText(request, response, 404, 'There is nothing at this address.')
    } else if (!isPage && path !== '/index.html' && this.#app.has(path)) {
      this.#app.send(path, request, response)
    } else if (isPage) {
      // A code that is none is told by the app, in the person's own terms; the status says it to everybody else.
      const isKnown = path === '/' || isNameplate(path.slice(1))
      this.#app.send('/index.html', request, response, isKnown ? 200 : 404)
    } else {
      sendText(request, response, 404, 'There is nothing at this address.')
    }
  }
}

/** A request's path, decoded and without its query; undefined when it cannot be decoded. */
export function pathOf(request: IncomingMessage): string | undefined {
  const path = (request.url ?? '').replace(/[?#].*$/s, '')
  if (!path.startsWith('/')) return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** `localhost`, or a loopback address as a URL or a socket writes it. */
function isLoopback(host: string | undefined): boolean {
  return /^(localhost|(::ffff:)?127\.[\d.]+|\[?::1\]?)$/i.test(host ?? '')
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  sentence: string,
): void {
  send(request, response, status, 'text/plain', `${sentence}\n`)
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
): void {
  const body = Buffer.from(text)
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'Content-Length': body.length,
    'Content-Type': `${type}; charset=utf-8`,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
