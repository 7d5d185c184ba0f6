// PROTOCOL.md §1.1, §3 and §4: one session with the server, over as many connections as it takes.
import { bool, Malformed, octets, random, read, rest, u8, u16, u32, union, words } from './wire.js'

const goodbyes =
  'restarting incompatibleVersion malformed tooManyConnections tooFast serverFull tooSlow replaced'
const frame = union({
  1: ['hello', { version: u8, session: octets(16), received: u32 }],
  2: ['welcome', { isResumed: bool, received: u32, pingEveryMs: u16, deadAfterMs: u16, graceMs: u32 }],
  3: ['item', { seq: u32, ack: u32, message: rest }],
  4: ['ack', { ack: u32 }],
  5: ['ping', { ack: u32 }],
  6: ['pong', { ack: u32 }],
  7: ['goodbye', { code: words(...goodbyes.split(' ')), retryAfterMs: u32 }],
})

export class Session {
  #url
  #on
  #id = random(16)
  #socket = null
  #isWelcome = false
  #wasWelcome = false
  #welcomeAt = 0
  #heardAt = 0
  #deadAfterMs = 4_500
  #failures = 0
  #retryAfterMs = 0
  /** Items that the server has not acknowledged: `{ seq, message }`. */
  #outbox = []
  #sent = 0
  #received = 0
  /** What no frame has acknowledged. */
  #owed = { items: 0, octets: 0 }
  #clock = setInterval(() => this.#look(), 500)
  #retry = 0

  /** `on` has `message(octets)`, `forgotten()`, `isOnline(bool)` and `ended(sentence)`. */
  constructor(origin, on) {
    this.#url = `${origin.replace(/^http/, 'ws')}/signal`
    this.#on = on
    addEventListener('online', this.#doubt)
    this.#connect()
  }

  say(message) {
    const item = { seq: ++this.#sent, message }
    this.#outbox.push(item)
    // Right behind hello until the first welcome; later only behind welcome.
    if (this.#isWelcome || !this.#wasWelcome) this.#send({ type: 'item', ...item })
  }

  close() {
    clearInterval(this.#clock)
    clearTimeout(this.#retry)
    removeEventListener('online', this.#doubt)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  #connect() {
    const socket = new WebSocket(this.#url, 'crowfly.1')
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    this.#heardAt = performance.now()
    socket.onopen = () => {
      this.#send({ type: 'hello', version: 2, session: this.#id, received: this.#received })
      if (!this.#wasWelcome) this.#sendOutbox()
    }
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(data)
    }
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost()
    }
  }

  #receive(data) {
    this.#heardAt = performance.now()
    try {
      if (typeof data === 'string' || data.byteLength > 144_000) throw new Malformed('it is no frame')
      this.#take(read(frame, new Uint8Array(data)))
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#end(`The server does not speak as it ought to: ${error.message}.`)
    }
  }

  #take(frame) {
    if (frame.ack !== undefined) this.#acknowledged(frame.ack)
    if (frame.type === 'welcome') this.#welcome(frame)
    else if (frame.type === 'item') this.#item(frame)
    else if (frame.type === 'ping') this.#send({ type: 'pong' })
    else if (frame.type === 'goodbye') {
      this.#retryAfterMs = frame.retryAfterMs
      if (frame.code === 'incompatibleVersion') this.#end('This page speaks another version than the server.')
    }
  }

  #welcome({ isResumed, received, deadAfterMs }) {
    const wasWelcome = this.#wasWelcome
    this.#deadAfterMs = deadAfterMs
    this.#isWelcome = true
    this.#wasWelcome = true
    this.#welcomeAt = performance.now()
    if (isResumed) {
      this.#acknowledged(received)
      if (wasWelcome) this.#sendOutbox()
    } else if (wasWelcome) {
      this.#outbox = []
      this.#sent = 0
      this.#received = 0
      this.#on.forgotten()
    }
    this.#on.isOnline(true)
  }

  #item({ seq, message }) {
    if (seq > this.#received + 1) throw new Malformed('an item is missing')
    if (seq <= this.#received) return
    this.#received = seq
    this.#owed.items += 1
    this.#owed.octets += message.length
    this.#on.message(message)
    if (this.#owed.items >= 16 || this.#owed.octets >= 65_536) this.#send({ type: 'ack' })
  }

  #acknowledged(ack) {
    if (ack > this.#sent) throw new Malformed('it has what was never sent')
    this.#outbox = this.#outbox.filter(({ seq }) => seq > ack)
  }

  #sendOutbox() {
    for (const item of this.#outbox) this.#send({ type: 'item', ...item })
  }

  #send(fields) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    this.#socket.send(frame.write({ ...fields, ack: this.#received }))
    this.#owed = { items: 0, octets: 0 }
  }

  #look() {
    if (this.#socket !== null && performance.now() - this.#heardAt > this.#deadAfterMs) this.#lost()
  }

  /** The network has changed: the connection is given up if nothing is heard for 1 500. */
  #doubt = () => {
    this.#send({ type: 'ping' })
    this.#heardAt = performance.now() - this.#deadAfterMs + 1_500
  }

  #lost() {
    const hasStood = this.#isWelcome && performance.now() - this.#welcomeAt >= 5_000
    const socket = this.#socket
    this.#socket = null
    this.#isWelcome = false
    socket?.close()
    this.#failures = hasStood ? 0 : this.#failures + 1
    const mostMs = hasStood ? 0 : Math.min(8_000, 250 * 2 ** this.#failures)
    const waitMs = Math.max(this.#retryAfterMs, mostMs * (0.5 + Math.random() / 2))
    this.#retryAfterMs = 0
    this.#retry = setTimeout(() => this.#connect(), waitMs)
    this.#on.isOnline(false)
  }

  #end(sentence) {
    this.close()
    this.#on.ended(sentence)
  }
}
