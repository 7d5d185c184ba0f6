import type { Agenda, Alarm } from './agenda.ts'
import type { DataChannel } from './peer-connection.ts'
import { formatPeerMessage, type PeerMessage, parsePeerMessage } from './peer-message.ts'

/** Chat texts that wait for the proof at most; further ones are refused. */
const MAX_WAITING = 50

/** How long an open channel on a connection that stands may be without the other side's proof. */
const PROOF_TIMEOUT_MS = 5_000

export interface PeerChannelOptions {
  readonly channel: DataChannel
  readonly agenda: Agenda
  /** What the first message has to be, each way. */
  readonly proof: { message(): Uint8Array<ArrayBuffer>; isProof(data: unknown): boolean }
  readonly onOpen: () => void
  /** The other side is who the pairing says. */
  readonly onProven: () => void
  /** It is not. */
  readonly onUnproven: () => void
  /** It has not said so for long enough; said again as long as that lasts. */
  readonly onProofMissing: () => void
  readonly onMessage: (message: PeerMessage) => void
  /** Garbage came, or a message could not be sent. */
  readonly onFailure: (error: unknown) => void
}

/** A message of the other side that is none. */
export class PeerMessageMalformed extends Error {
  readonly code = 'PEER_MESSAGE_MALFORMED'
  constructor() {
    super('The other side sent something on the data channel that is no message')
  }
}

/** The messages of two peers over their data channel. Nothing of the other side is heard before its proof. */
export class PeerChannel {
  readonly #options: PeerChannelOptions
  readonly #proofAlarm: Alarm
  #waiting: PeerMessage[] = []
  #state: 'unproven' | 'proven' | 'closed' = 'unproven'
  #isConnected = false

  constructor(options: PeerChannelOptions) {
    this.#options = options
    this.#proofAlarm = options.agenda.alarm(() => this.#handleMissing())
    options.channel.binaryType = 'arraybuffer'
    options.channel.onopen = () => this.#handleOpen()
    options.channel.onmessage = ({ data }) => this.#handleMessage(data)
  }

  /** False when it can be neither sent nor kept. Only chat is kept: state is sent anew on opening. */
  send(message: PeerMessage): boolean {
    const { readyState } = this.#options.channel
    if (readyState !== 'open' && readyState !== 'connecting') return false
    const mustWait = readyState === 'connecting' || (message.type === 'chat' && this.#state === 'unproven')
    if (!mustWait) return this.#transmit(formatPeerMessage(message))
    if (message.type !== 'chat' || this.#waiting.length >= MAX_WAITING) return false
    this.#waiting.push(message)
    return true
  }

  /** Whether the connection stands: while it does not, nothing can arrive. */
  setConnected(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return
    this.#isConnected = isConnected
    this.#awaitProof()
  }

  close(): void {
    this.#state = 'closed'
    this.#proofAlarm.clear()
    this.#options.channel.onopen = null
    this.#options.channel.onmessage = null
  }

  #handleOpen(): void {
    this.#transmit(this.#options.proof.message())
    this.#awaitProof()
    this.#options.onOpen()
  }

  #awaitProof(): void {
    const isDue =
      this.#state === 'unproven' && this.#isConnected && this.#options.channel.readyState === 'open'
    this.#proofAlarm.set(isDue ? this.#options.agenda.now() + PROOF_TIMEOUT_MS : Infinity)
  }

  #handleMissing(): void {
    this.#awaitProof()
    this.#options.onProofMissing()
  }

  #handleProof(data: unknown): void {
    this.#proofAlarm.clear()
    if (!this.#options.proof.isProof(data)) {
      this.#options.onUnproven()
      return
    }
    this.#state = 'proven'
    this.#options.onProven()
    const waiting = this.#waiting
    this.#waiting = []
    for (const message of waiting) this.#transmit(formatPeerMessage(message))
  }

  #transmit(data: string | Uint8Array<ArrayBuffer>): boolean {
    try {
      this.#options.channel.send(data)
      return true
    } catch (error) {
      // The browser's buffer is full, or the channel closed in this moment.
      this.#options.onFailure(error)
      return false
    }
  }

  #handleMessage(data: unknown): void {
    if (this.#state === 'unproven') {
      this.#handleProof(data)
      return
    }
    const message = parsePeerMessage(data)
    if (message === 'malformed') this.#options.onFailure(new PeerMessageMalformed())
    else if (message !== 'unknown') this.#options.onMessage(message)
  }
}
