import type { DataChannel } from './peer-connection.ts'
import { formatPeerMessage, type PeerMessage, parsePeerMessage } from './peer-message.ts'

/** Chat texts that wait for the channel to open at most; further ones are refused. */
const MAX_WAITING = 50

export interface PeerChannelOptions {
  readonly channel: DataChannel
  readonly onOpen: () => void
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

/** The messages of two peers over their data channel. */
export class PeerChannel {
  readonly #options: PeerChannelOptions
  #waiting: PeerMessage[] = []

  constructor(options: PeerChannelOptions) {
    this.#options = options
    options.channel.onopen = () => this.#handleOpen()
    options.channel.onmessage = ({ data }) => this.#handleMessage(data)
  }

  /** False when it can be neither sent nor kept. Only chat is kept: state is sent anew on opening. */
  send(message: PeerMessage): boolean {
    switch (this.#options.channel.readyState) {
      case 'open':
        return this.#transmit(message)
      case 'connecting':
        if (message.type !== 'chat' || this.#waiting.length >= MAX_WAITING) return false
        this.#waiting.push(message)
        return true
      default:
        return false
    }
  }

  close(): void {
    this.#options.channel.onopen = null
    this.#options.channel.onmessage = null
  }

  #handleOpen(): void {
    this.#options.onOpen()
    const waiting = this.#waiting
    this.#waiting = []
    for (const message of waiting) this.#transmit(message)
  }

  #transmit(message: PeerMessage): boolean {
    try {
      this.#options.channel.send(formatPeerMessage(message))
      return true
    } catch (error) {
      // The browser's buffer is full, or the channel closed in this moment.
      this.#options.onFailure(error)
      return false
    }
  }

  #handleMessage(data: unknown): void {
    const message = parsePeerMessage(data)
    if (message === 'malformed') this.#options.onFailure(new PeerMessageMalformed())
    else if (message !== 'unknown') this.#options.onMessage(message)
  }
}
