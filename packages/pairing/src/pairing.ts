import type { Millis } from '@crowfly/sansio'
import type { Role } from './role.ts'
import type { PairingKeys } from './seal/pairing-keys.ts'
import type { Reception, SealedChannel } from './seal/sealed-channel.ts'
import type { PairRegistry } from './ticket/pair-registry.ts'
import { decodeReply } from './ticket/reply.ts'
import { Binding } from './verify/bind.ts'
import { chooseEmoji, emojiBytes } from './verify/emoji.ts'
import type { Emoji } from './verify/emoji-table.ts'

/** How a pairing is made. All of it is the pairing's from now on, but the registry. */
export interface PairingOptions {
  readonly role: Role
  readonly peer: Uint8Array
  readonly keys: PairingKeys
  readonly channel: SealedChannel
  readonly memberNonce: Uint8Array
  readonly newcomerNonce: Uint8Array
  readonly registry: PairRegistry
}

/** Two members who have proved to each other that they know the code, seen from one of them. */
export class Pairing {
  readonly role: Role
  /** The other member's id. */
  readonly peer: Uint8Array
  /** What they say to each other. */
  readonly channel: SealedChannel
  /** The certificates that they say it of. */
  readonly binding: Binding
  /** Seven emoji that both see, unless somebody who knows the code stands between them. */
  readonly emoji: readonly Emoji[]
  readonly #keys: PairingKeys
  readonly #registry: PairRegistry

  constructor({ role, peer, keys, channel, memberNonce, newcomerNonce, registry }: PairingOptions) {
    this.role = role
    this.peer = peer
    this.channel = channel
    this.binding = new Binding(role, keys)
    this.emoji = chooseEmoji(keys.deriveEmoji(memberNonce, newcomerNonce, emojiBytes))
    this.#keys = keys
    this.#registry = registry
    registry.add(peer, this)
  }

  /** Takes what the other side sends: an envelope, or once more its first one in the `reply` that it came in. */
  receive(octets: Uint8Array, now: Millis): Reception {
    const reply = decodeReply(octets)
    return this.channel.receive(typeof reply === 'string' ? octets : reply.envelope, now)
  }

  /** Its public name on the wire, 8 octets. */
  get pid(): Uint8Array {
    return this.channel.pid
  }

  /** Ends the pairing and wipes its keys. Its member may be paired with again. */
  close(): void {
    this.channel.close()
    this.#keys.wipe()
    this.#registry.remove(this.peer, this)
  }
}
