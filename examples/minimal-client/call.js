// PROTOCOL.md §7: the connection with one member, made by the newcomer.
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { Pairing, sealed } from './pairing.js'
import {
  isSame,
  list,
  lvCat,
  Malformed,
  memberId,
  random,
  read,
  struct,
  text,
  u16,
  u32,
  union,
  upTo,
  utf8,
  words,
} from './wire.js'

const candidate = { candidate: text(1024), sdpMid: text(64), sdpMLineIndex: u16, usernameFragment: text(255) }
const sdp = text(60_000)
const message = union({
  1: ['open', { attempt: u32, name: text(256), pass: upTo(16), sdp }],
  2: ['ringing', { attempt: u32 }],
  3: ['declined', { attempt: u32, reason: words('declined', 'busy') }],
  4: ['reply', { attempt: u32, name: text(256), pass: upTo(16), sdp }],
  5: ['description', { attempt: u32, kind: words('offer', 'answer'), sdp }],
  6: ['candidates', { attempt: u32, candidates: list(64, struct(candidate)) }],
  7: ['renew', { attempt: u32 }],
})
const roster = list(64, memberId)

/** What the body of an envelope says; null if it is none of the forms. */
function readBody(form, body) {
  try {
    return read(form, body)
  } catch (error) {
    if (error instanceof Malformed) return null
    throw error
  }
}

/** The one fingerprint of a description, in the form in which it is bound; null if there is none, or several. */
function fingerprintOf(sdp) {
  const lines = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)/gm)]
  const all = new Set(lines.map(([, hash, digest]) => `${hash.toLowerCase()} ${digest.toUpperCase()}`))
  const [only] = all
  return all.size === 1 && /^sha-(256|384|512) /.test(only) ? only : null
}

const bindOf = (key, role, own, other) => hmac(sha512, key, lvCat(utf8(role), utf8(own), utf8(other)))

export class Call {
  pairing
  /** Who else they say that they are paired with: member ids as text. */
  roster = new Set()
  #own
  #on
  #connection = null
  #channel = null
  #certificate = null
  #theirFingerprint = null
  #attempt = 0
  #isProven = false
  /** Found and not told yet. */
  #candidates = []
  /** Descriptions and candidates are applied one after the other. */
  #turn = Promise.resolve()
  /** Texts of one's own, for a connection that replaces another; and the ids of theirs. */
  #said = []
  #heard = new Set()

  /**
   * `own` has `name`, `stream`, `media()` and `iceServers()`. `on` has `paired()`, `says(sentence)`, `shows(streams)`,
   * `state(state)`, `chat(text)`, `roster()`, `refused(reason)` and `over(sentence)`. Throws `Malformed` for a ticket that may
   * not be opened.
   */
  constructor(ticket, secret, route, own, on) {
    this.#own = own
    this.#on = on
    this.pairing = new Pairing(ticket, secret, route, {
      standing: on.paired,
      message: (type, body) =>
        type === sealed.roster ? this.#takeRoster(body) : this.#take(readBody(message, body)),
      refused: on.refused,
      failed: (sentence) => this.end(`What came from them is not as it ought to be: ${sentence}.`),
    })
    this.#connect()
  }

  chat(text) {
    // 16 random octets are 22 characters of base64url.
    const id = btoa(String.fromCharCode(...random(16))).replace(
      /[+/=]/g,
      (one) => ({ '+': '-', '/': '_', '=': '' })[one],
    )
    const said = { type: 'chat', id, text }
    this.#said = [...this.#said, said].slice(-20)
    // Before their proof it waits: it might go to somebody else.
    if (this.#isProven) this.#tell(said)
  }

  /** Name and media: on opening, and after each change. */
  tellState() {
    this.#tell({ type: 'state', name: this.#own.name, media: this.#own.media() })
  }

  /** Tells with whom one is paired. */
  tellRoster(memberIds) {
    this.pairing.say(sealed.roster, roster.write(memberIds))
  }

  leave() {
    this.#tell({ type: 'leave' })
    this.end('You left.')
  }

  /** The server says that they left. Who is only missed there may be here all the same. */
  left(reason) {
    if (reason === 'left' || this.#connection?.connectionState !== 'connected') this.end('They left.')
  }

  end(sentence) {
    this.pairing.end()
    this.#close()
    this.#on.over(sentence)
  }

  #close() {
    const connection = this.#connection
    this.#connection = null
    connection?.close()
  }

  /** Makes the connection, and each that replaces it. */
  async #connect() {
    this.#close()
    this.#attempt += 1
    const attempt = this.#attempt
    // One for all connections: the fingerprint is the same in all descriptions of a pairing.
    this.#certificate ??= await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' })
    const connection = new RTCPeerConnection({
      iceServers: this.#own.iceServers(),
      bundlePolicy: 'max-bundle',
      certificates: [this.#certificate],
    })
    this.#connection = connection
    this.#isProven = false
    this.#candidates = []
    const { stream } = this.#own
    for (const sent of [
      stream.getAudioTracks()[0] ?? 'audio',
      stream.getVideoTracks()[0] ?? 'video',
      'video',
    ])
      connection.addTransceiver(sent, { direction: 'sendrecv', streams: [stream] })
    const channel = connection.createDataChannel('crowfly', { negotiated: true, id: 0 })
    channel.binaryType = 'arraybuffer'
    channel.onopen = () => this.#opened()
    channel.onmessage = ({ data }) => this.#connection === connection && this.#hear(data)
    this.#channel = channel
    connection.onicecandidate = ({ candidate }) => this.#found(candidate)
    connection.onconnectionstatechange = () => this.#changed()

    await connection.setLocalDescription()
    if (this.#connection !== connection) return
    const { sdp } = connection.localDescription
    // No pass is kept from call to call, so that none is shown: this client rings each time.
    const open = message.write({ type: 'open', attempt, name: this.#own.name, pass: new Uint8Array(), sdp })
    if (attempt === 1) this.pairing.open(open)
    else this.pairing.say(sealed.offer, open)
  }

  /** Candidates that are found at about the same time go together. */
  #found(found) {
    const last = this.#candidates.at(-1)
    this.#candidates.push({
      candidate: found?.candidate ?? '',
      sdpMid: found?.sdpMid ?? '0',
      sdpMLineIndex: found?.sdpMLineIndex ?? 0,
      usernameFragment: found?.usernameFragment ?? last?.usernameFragment ?? '',
    })
    if (this.#candidates.length === 1)
      this.#later(20, () => {
        const candidates = this.#candidates.splice(0, 64)
        this.pairing.say(
          sealed.candidates,
          message.write({ type: 'candidates', attempt: this.#attempt, candidates }),
        )
      })
  }

  /** Tells an offer or an answer, whichever the browser makes. */
  async #describe(connection) {
    await connection.setLocalDescription()
    if (this.#connection !== connection) return
    const { type: kind, sdp } = connection.localDescription
    const description = { type: 'description', attempt: this.#attempt, kind, sdp }
    this.pairing.say(sealed[kind], message.write(description))
  }

  #take(told) {
    const connection = this.#connection
    // What carries another number belongs to a connection that is no more.
    if (connection === null || told?.attempt !== this.#attempt) return
    if (told.type === 'ringing') this.#on.says('It rings …')
    else if (told.type === 'declined') this.end(told.reason === 'busy' ? 'They are busy.' : 'They declined.')
    else if (told.type === 'renew') this.#connect()
    else
      this.#turn = this.#turn
        .then(() => this.#connection === connection && this.#apply(connection, told))
        .catch((error) => console.warn(`${told.type}: ${error.message}`))
  }

  async #apply(connection, told) {
    if (told.type === 'candidates') {
      for (const { usernameFragment, ...candidate } of told.candidates) {
        // One that the connection can not use leaves the others.
        const one = usernameFragment === '' ? candidate : { ...candidate, usernameFragment }
        await connection.addIceCandidate(one).catch((error) => console.warn(error.message))
      }
    } else if (told.type === 'reply') {
      await this.#describeTheirs(connection, 'answer', told.sdp)
      // W3C WebRTC §10.7, the polite one: what changes from now on is offered, and an offer of theirs goes before.
      connection.onnegotiationneeded = () => this.#describe(connection)
      this.#on.state({ name: told.name })
    } else if (told.type === 'description') {
      await this.#describeTheirs(connection, told.kind, told.sdp)
      if (told.kind === 'offer') await this.#describe(connection)
    }
  }

  async #describeTheirs(connection, type, sdp) {
    const fingerprint = fingerprintOf(sdp)
    this.#theirFingerprint ??= fingerprint
    if (fingerprint === null || fingerprint !== this.#theirFingerprint)
      return this.end('Their connection has another fingerprint than before.')
    await connection.setRemoteDescription({ type, sdp })
  }

  #takeRoster(body) {
    this.roster = new Set(readBody(roster, body)?.map(String) ?? this.roster)
    this.#on.roster()
  }

  #opened() {
    const { bindBA } = this.pairing.keys
    const own = fingerprintOf(this.#connection.localDescription.sdp)
    this.#channel.send(bindOf(bindBA, 'B', own, this.#theirFingerprint))
    this.tellState()
    this.#later(5_000, () => this.#isProven || this.#connect())
  }

  #hear(told) {
    if (!this.#isProven) return this.#prove(told)
    if (typeof told !== 'string' || told.length > 25_024) return
    let message = null
    try {
      message = JSON.parse(told)
    } catch {}
    if (message?.type === 'leave') this.end('They left.')
    else if (message?.type === 'state' && typeof message.name === 'string' && message.name.length <= 64)
      this.#on.state(message)
    else if (message?.type === 'chat') this.#hearChat(message)
  }

  /** Nothing is shown before their first message has proven that this connection is theirs. */
  #prove(told) {
    const own = fingerprintOf(this.#connection.localDescription.sdp)
    const bind = bindOf(this.pairing.keys.bindAB, 'A', this.#theirFingerprint, own)
    if (typeof told === 'string' || !isSame(bind, new Uint8Array(told)))
      return this.end('This connection is not theirs: somebody stands between.')
    this.#isProven = true
    for (const said of this.#said) this.#tell(said)
    const [audio, video, screen] = this.#connection.getTransceivers().map(({ receiver }) => receiver.track)
    this.#on.shows([new MediaStream([audio, video]), new MediaStream([screen])])
  }

  #hearChat({ id, text }) {
    if (!/^[\w-]{22}$/.test(id) || typeof text !== 'string' || text === '' || text.length > 4_000) return
    if (this.#heard.has(id)) return
    this.#heard = new Set([...this.#heard, id].slice(-1_000))
    this.#on.chat(text)
  }

  #changed() {
    const connection = this.#connection
    const state = connection?.connectionState
    this.#on.says(state === 'connected' ? '' : 'Connecting …')
    if (state === 'failed') this.#mend(connection)
    // It often heals by itself.
    if (state === 'disconnected')
      this.#later(2_000, () => connection.connectionState === 'disconnected' && this.#mend(connection))
  }

  /** Other candidates first; if they do not mend it another connection, which only the newcomer can open. */
  #mend(connection) {
    connection.setConfiguration({ ...connection.getConfiguration(), iceServers: this.#own.iceServers() })
    connection.restartIce()
    this.#later(10_000, () => connection.connectionState === 'connected' || this.#connect())
  }

  #tell(message) {
    if (this.#channel?.readyState === 'open') this.#channel.send(JSON.stringify(message))
  }

  /** Unless the connection is replaced meanwhile. */
  #later(afterMs, act) {
    const connection = this.#connection
    setTimeout(() => connection !== null && this.#connection === connection && act(), afterMs)
  }
}
