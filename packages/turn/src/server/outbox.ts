import type { Datagram, PathId, TransportAddress } from '@crowfly/sansio'
import type { RelayDatagram, RelayId } from './relay.ts'

const NO_BYTES = new Uint8Array(0)
const NOWHERE: TransportAddress = { family: 4, address: new Uint8Array(4), port: 0 }

/** The one thing that an input gives rise to: to a client, or by a relay to a peer. The bytes are not copied. */
export class Outbox {
  #destination: 'none' | 'client' | 'peer' = 'none'
  #bytes: Uint8Array = NO_BYTES
  #start = 0
  #end = 0
  /** A path, or a relay. */
  #to = 0
  #peer: TransportAddress = NOWHERE

  clear(): void {
    this.#destination = 'none'
    this.#bytes = NO_BYTES
  }

  putForClient(bytes: Uint8Array, start: number, end: number, path: PathId): void {
    this.#put('client', bytes, start, end, path)
  }

  putForPeer(bytes: Uint8Array, start: number, end: number, relay: RelayId, peer: TransportAddress): void {
    this.#put('peer', bytes, start, end, relay)
    this.#peer = peer
  }

  /** Forgets what is for a path that is gone. */
  discard(path: PathId): void {
    if (this.#destination === 'client' && this.#to === path) this.clear()
  }

  pollForClient(out: Datagram): boolean {
    if (this.#destination !== 'client') return false
    out.path = this.#to
    this.#fill(out)
    return true
  }

  pollForPeer(out: RelayDatagram): boolean {
    if (this.#destination !== 'peer') return false
    out.relay = this.#to
    out.peer = this.#peer
    this.#fill(out)
    return true
  }

  #put(destination: 'client' | 'peer', bytes: Uint8Array, start: number, end: number, to: number): void {
    this.#destination = destination
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#to = to
  }

  #fill(out: { bytes: Uint8Array; start: number; end: number }): void {
    out.bytes = this.#bytes
    out.start = this.#start
    out.end = this.#end
    this.clear()
  }
}
