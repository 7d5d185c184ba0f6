import { randomBytes } from 'node:crypto'
import { drive, nodeCrypto, nodeRandom } from '@crowfly/node-io'
import { maxFrameBytes, SignalingServer } from '@crowfly/signaling'

/** Frames and the events between are whole requests: nothing of them may wait in a buffer on the way. */
const eventStream = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }

/** Signaling for an application's own server, which gives it its requests at `/signaling`. */
export function createSignaling() {
  const machine = new SignalingServer({
    random: nodeRandom,
    crypto: nodeCrypto,
    // One that is kept brings calls back to a server that was started again.
    tokenKey: randomBytes(32),
    iceServers: () => [],
  })
  /** @type {Map<number, import('node:http').ServerResponse>} */
  const streams = new Map()
  /** Bearer secrets: who knows one speaks as that page. @type {Map<string, number>} */
  const paths = new Map()
  let nextPath = 0

  const driven = drive(machine, {
    transmit: ({ bytes, start, end, path }) => {
      streams.get(path)?.write(`data: ${Buffer.from(bytes.subarray(start, end)).toString('base64')}\n\n`)
    },
    event: (event) => {
      if (event.type === 'disconnect') streams.get(event.path)?.end()
    },
  })

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  function openStream(request, response) {
    const path = nextPath++
    const key = randomBytes(16).toString('base64url')
    streams.set(path, response)
    paths.set(key, path)
    response.writeHead(200, eventStream).write(`event: opened\ndata: /signaling/${key}\n\n`)
    response.on('close', () => {
      streams.delete(path)
      paths.delete(key)
      machine.handleClose(path, driven.now())
      driven.settle()
    })
    // Limits are counted by the address; behind a proxy it would be the one that the proxy tells.
    const address = { family: /** @type {const} */ (4), address: Uint8Array.of(127, 0, 0, 1), port: 0 }
    machine.handleOpen(path, { address, host: request.headers.host ?? '' }, driven.now())
    driven.settle()
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async function takeFrame(request, response) {
    let frame = Buffer.alloc(0)
    for await (const chunk of request) {
      frame = Buffer.concat([frame, chunk])
      if (frame.length > maxFrameBytes) break
    }
    const path = paths.get(request.url?.split('/').at(-1) ?? '')
    if (path === undefined || frame.length > maxFrameBytes) {
      response.writeHead(path === undefined ? 410 : 413, { Connection: 'close' }).end()
      return
    }
    response.writeHead(204).end()
    const bytes = new Uint8Array(frame)
    machine.handleDatagram({ bytes, start: 0, end: bytes.length, path }, driven.now())
    driven.settle()
  }

  /**
   * Answers a request; false if it is not for signaling.
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  return function answer(request, response) {
    if (!request.url?.startsWith('/signaling')) return false
    if (request.method === 'GET') openStream(request, response)
    else takeFrame(request, response).catch(() => response.destroy())
    return true
  }
}
