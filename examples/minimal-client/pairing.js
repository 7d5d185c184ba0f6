// PROTOCOL.md §6.3 and §6.5 to §6.7: the newcomer's side of a pairing, and the envelopes of both directions.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { openTicket } from './ticket.js'
import {
  body,
  isSame,
  join,
  lvCat,
  Malformed,
  octets,
  read,
  rest,
  struct,
  u8,
  u32,
  u64,
  union,
  utf8,
  words,
} from './wire.js'

export const sealed = { ack: 0, offer: 1, answer: 2, candidates: 3, roster: 9, message: 10 }
const nothing = new Uint8Array()

/** §6.3: what a newcomer hears. */
const heard = union({
  1: ['envelope', { pid: octets(8), seq: u64, sealed: rest }],
  4: ['reply', { Ta: octets(64), envelope: rest }],
  5: [
    'refusal',
    {
      ticketId: octets(16),
      reason: words('wrongCode', 'spentTicket', 'closed', 'later', 'misdirected', 'wrongVersion'),
    },
  ],
  6: ['unknown', { pid: octets(8) }],
})
const plaintextForm = struct({ type: u8, ack: u64, body, zeros: rest })

/** What answers an envelope of a pairing that one does not have; null if it is none. */
export const unknownOf = (envelope) =>
  envelope[0] === 1 && envelope.length > 33 ? join(u8.write(6), envelope.subarray(1, 9)) : null

/** How long a plaintext is with its zeros. */
function filled(type, length) {
  if (type !== sealed.offer && type !== sealed.answer) return Math.ceil(length / 1024) * 1024
  return [8_192, 16_384, 32_768, 64_512].find((step) => step >= length)
}

export class Pairing {
  isStanding = false
  /** Seven places in the list of §6.4, once it stands. */
  emoji = []
  keys
  #route
  #on
  #retryTimer = 0
  #retryMs = 5_000
  #ackTimer = 0
  #gapTimer = 0
  #isPaused = false
  #repeatedAt = Number.NEGATIVE_INFINITY
  /** Waiting for their turn: `{ type, body }`. */
  #queue = []
  /** Sent and not acknowledged: `{ seq, type, octets }`. */
  #outbox = []
  #sent = 0
  #received = 0
  /** Messages that no envelope has acknowledged. */
  #owed = 0
  /** Envelopes that came before their turn, by `seq`. */
  #held = new Map()

  /**
   * `route` has `nameplate`, `ownId`, `memberId`, `send(octets)` and `isPresent()`; `on` has `standing()`,
   * `message(type, body)`, `refused(reason)` and `failed(sentence)`. Throws `Malformed` as `openTicket` does.
   */
  constructor(ticket, secret, route, on) {
    this.keys = openTicket({ ticket, secret, ...route })
    this.#route = route
    this.#on = on
  }

  /** Opens the ticket, with an offer in it. */
  open(offer) {
    this.#seal(sealed.offer, offer, this.keys.openHead)
  }

  /** Sends one of the messages of §7.1 as soon as it may be. */
  say(type, body) {
    this.#queue.push({ type, body })
    this.#flush()
  }

  /** Takes what the member sent. Of what is not as it ought to be nothing is heard. */
  receive(sent) {
    try {
      const message = read(heard, sent)
      if (message.type === 'envelope') this.#envelope(message, sent)
      else if (message.type === 'refusal') this.#refused(message)
      // Behind a wrong Ta nothing is looked at.
      else if (message.type === 'reply' && isSame(message.Ta, this.keys.Ta)) this.receive(message.envelope)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
    }
  }

  /** Sends again all that is not acknowledged: the member may have missed it. */
  repeat() {
    this.#isPaused = false
    for (const { octets } of this.#outbox) this.#route.send(octets)
    this.#awaitProgress()
    this.#flush()
  }

  /** What was sent is undeliverable: nothing more until the member is back, or has received something after all. */
  pause() {
    this.#isPaused = true
  }

  resume() {
    if (this.#isPaused) this.repeat()
  }

  end() {
    for (const timer of [this.#retryTimer, this.#ackTimer, this.#gapTimer]) clearTimeout(timer)
    this.#route = { ...this.#route, send() {} }
    this.#on = { standing() {}, message() {}, refused() {}, failed() {} }
  }

  #refused({ ticketId, reason }) {
    if (this.isStanding || !isSame(ticketId, this.keys.ticketId)) return
    if (reason !== 'later') return this.#on.refused(reason)
    clearTimeout(this.#retryTimer)
    this.#retryTimer = setTimeout(() => this.repeat(), 10_000)
  }

  #envelope({ pid, seq }, envelope) {
    if (!isSame(pid, this.keys.pid)) return
    // What overtakes the reply is kept unopened.
    if (!this.isStanding && seq !== 1) return this.#hold(seq, envelope)
    const plaintext = this.#unseal(envelope)
    if (plaintext === null) return
    if (seq > this.#received + 1) this.#hold(seq, envelope)
    else if (seq <= this.#received) this.#cameAgain(plaintext[0])
    else this.#takeInOrder(seq, plaintext)
  }

  /** A message that was here before: its sender may not know that. An ack which was here before says nothing. */
  #cameAgain(type) {
    if (type === sealed.ack || performance.now() - this.#repeatedAt < 1_000) return
    this.#repeatedAt = performance.now()
    this.repeat()
  }

  #takeInOrder(seq, plaintext) {
    try {
      this.#take(seq, plaintext)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      return this.#fail(error.message)
    }
    const next = this.#held.get(seq + 1)
    this.#held.delete(seq + 1)
    const opened = next && this.#unseal(next)
    if (opened) return this.#takeInOrder(seq + 1, opened)
    clearTimeout(this.#gapTimer)
    if (this.#held.size > 0) this.#awaitMissing()
  }

  #hold(seq, envelope) {
    if (this.#held.has(seq)) return
    const length = [...this.#held.values()].reduce((sum, one) => sum + one.length, envelope.length)
    if (this.#held.size < 32 && length <= 262_144) this.#held.set(seq, envelope)
    else if (this.isStanding) return this.#fail('more came before its turn than is kept')
    if (this.isStanding && this.#held.size === 1) this.#awaitMissing()
  }

  #awaitMissing() {
    clearTimeout(this.#gapTimer)
    this.#gapTimer = setTimeout(() => this.#fail('something of theirs never came'), 10_000)
  }

  #take(seq, plaintext) {
    let { type, ack, body, zeros } = read(plaintextForm, plaintext)
    if (plaintext.length !== filled(type, 13 + body.length) || zeros.some((octet) => octet !== 0))
      throw new Malformed('an envelope is filled otherwise')
    if (ack > this.#sent) throw new Malformed('an ack of what was never sent')
    if (seq === 1) {
      this.#stand(body.subarray(0, 32))
      body = body.subarray(32)
    }
    this.#received = seq
    if (this.#outbox.some((one) => one.seq <= ack)) {
      this.#outbox = this.#outbox.filter((one) => one.seq > ack)
      this.#retryMs = 5_000
      this.#isPaused = false
      this.#awaitProgress()
    }
    if (type !== sealed.ack) {
      this.#owed += 1
      clearTimeout(this.#ackTimer)
      if (this.#owed >= 8) this.#acknowledge()
      else this.#ackTimer = setTimeout(() => this.#acknowledge(), 200)
      this.#on.message(type, body)
    }
    this.#flush()
  }

  #stand(rA) {
    if (!this.keys.isCommitted(rA)) throw new Malformed('they had committed to something else')
    this.isStanding = true
    this.emoji = this.keys.emoji(rA)
    this.#on.standing()
  }

  #acknowledge() {
    if (this.#outbox.length < 32) this.#seal(sealed.ack, nothing)
  }

  #flush() {
    const onTheWay = () => this.#outbox.reduce((sum, { octets }) => sum + octets.length, 0)
    while (this.#queue.length > 0 && this.#sent > 0 && !this.#isPaused) {
      const [{ type, body }] = this.#queue
      if (!this.isStanding && type !== sealed.candidates) return
      const hasRoom = this.#messages() < 24 && this.#outbox.length < 32
      if (!hasRoom || onTheWay() + filled(type, 13 + body.length) + 33 > 245_760) return
      this.#queue.shift()
      this.#seal(type, body)
    }
  }

  #messages() {
    return this.#outbox.filter(({ type }) => type !== sealed.ack).length
  }

  /** Seals once: what is sent again is sent as it is. */
  #seal(type, body, opening = nothing) {
    const seq = ++this.#sent
    const head = join(u8.write(1), this.keys.pid, u64.write(seq))
    const plaintext = new Uint8Array(filled(type, 13 + body.length))
    plaintext.set(plaintextForm.write({ type, ack: this.#received, body, zeros: nothing }))
    const { ownId, memberId } = this.#route
    const octets = join(
      opening,
      head,
      this.#cipher(this.keys.sealBA, head, ownId, memberId).encrypt(plaintext),
    )
    this.#outbox.push({ seq, type, octets })
    this.#owed = 0
    clearTimeout(this.#ackTimer)
    this.#route.send(octets)
    if (type !== sealed.ack && this.#messages() === 1) this.#awaitProgress()
  }

  #unseal(octets) {
    const { ownId, memberId } = this.#route
    const cipher = this.#cipher(this.keys.sealAB, octets.subarray(0, 17), memberId, ownId)
    try {
      return cipher.decrypt(octets.subarray(17))
    } catch {
      return null
    }
  }

  #cipher(key, head, from, to) {
    const { nameplate } = this.#route
    const additional = lvCat(utf8('crowfly-env-1'), utf8(nameplate), from, to, head)
    return chacha20poly1305(key, join(u32.write(0), head.subarray(9)), additional)
  }

  /** After 5 000 without progress, and ever more slowly, all is sent again. Acks alone wait for nothing. */
  #awaitProgress() {
    clearTimeout(this.#retryTimer)
    if (this.#messages() === 0) return
    this.#retryTimer = setTimeout(() => {
      this.#retryMs = Math.min(60_000, this.#retryMs * 2)
      if (this.#route.isPresent()) this.repeat()
      else this.#awaitProgress()
    }, this.#retryMs)
  }

  #fail(sentence) {
    const { failed } = this.#on
    this.end()
    failed(sentence)
  }
}
