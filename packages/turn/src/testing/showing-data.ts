import type { Datagram, Machine, Millis, TransportAddress } from '@crowfly/sansio'
import { StunMessage } from '@crowfly/stun'
import type { TurnClient } from '../client/turn-client.ts'
import type { TurnClientEvent } from '../client/turn-client-event.ts'
import type { PeerData } from '../client/turn-client-options.ts'

const NOBODY: TransportAddress = { family: 4, address: new Uint8Array(4), port: 0 }

/** An event of the client's, or what a peer sent. */
export type Told = TurnClientEvent | { type: 'data'; peer: PeerData['peer']; payload: Uint8Array }

/** A client whose data from peers shows as events, so that the suite sees it too. */
export class ShowingData implements Machine<Told> {
  readonly #client: TurnClient
  readonly #data: PeerData = { bytes: new Uint8Array(0), start: 0, end: 0, peer: NOBODY }
  /** Requests that it has sent, as copies: what answers can be made of. */
  readonly requests: StunMessage[] = []

  constructor(client: TurnClient) {
    this.#client = client
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#client.handleDatagram(input, now)
  }

  handleTimeout(now: Millis): void {
    this.#client.handleTimeout(now)
  }

  pollTransmit(out: Datagram): boolean {
    if (!this.#client.pollTransmit(out)) return false
    const request = new StunMessage()
    const isRequest = request.decode(out.bytes.slice(out.start, out.end)) === undefined
    if (isRequest && request.messageClass === 'request') this.requests.unshift(request)
    this.requests.length = Math.min(this.requests.length, 4)
    return true
  }

  pollEvent(): Told | undefined {
    if (!this.#client.pollData(this.#data)) return this.#client.pollEvent()
    const { bytes, start, end, peer } = this.#data
    return { type: 'data', peer, payload: bytes.slice(start, end) }
  }

  pollTimeout(): Millis {
    return this.#client.pollTimeout()
  }
}
