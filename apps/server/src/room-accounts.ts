import { createHmac } from 'node:crypto'
import { nodeCrypto } from '@crowfly/node-io'
import type { IceClient } from '@crowfly/signaling'
import type { TurnAccount, TurnAccounts } from '@crowfly/turn'

/** What a member shows to the relay. */
export interface RelayCredential {
  readonly username: string
  readonly credential: string
}

/** Settings of `RoomAccounts`. */
export interface RoomAccountsOptions {
  /** The key of the state folder; what is made of it here tells nothing of it. */
  tokenKey: Uint8Array
  /** Seconds for which a credential makes new allocations, at least. */
  lifetimeSeconds: number
  /** Milliseconds since 1970. */
  wallClock(): number
}

/** Octets of a tag: enough that no two rooms of a server and no two members of a room share one. */
const tagBytes = 9

/**
 * The relay's accounts of a server with rooms: short-lived credentials in the form of the TURN REST API
 * (draft-uberti-behave-turn-rest-00), each for one member in one room.
 *
 * `username` is `<expiry>:<room>:<member>`, with seconds since 1970 and tags from which neither nameplate nor member id
 * can be found; the password is base64(HMAC-SHA-1(secret, username)). Nothing but who is present is remembered: with
 * the same key a restarted server knows what its predecessor gave out, once the member is back.
 */
export class RoomAccounts implements TurnAccounts {
  readonly #secret: Uint8Array
  readonly #tagKey: Uint8Array
  readonly #stepSeconds: number
  readonly #wallClock: () => number
  /** By the tag of each member who is in a room, that of the room. */
  readonly #present = new Map<string, string>()

  constructor({ tokenKey, lifetimeSeconds, wallClock }: RoomAccountsOptions) {
    this.#secret = derive(tokenKey, 'crowfly-turn-secret-1')
    this.#tagKey = derive(tokenKey, 'crowfly-turn-tag-1')
    this.#stepSeconds = Math.max(1, Math.ceil(lifetimeSeconds / 2))
    this.#wallClock = wallClock
  }

  /** Members who can use the relay now. */
  get size(): number {
    return this.#present.size
  }

  /** A member is in the room: makes a credential, or gives the same one again for half of its life. */
  issue(client: IceClient): RelayCredential {
    const roomTag = this.#tag('room', client.nameplate)
    const memberTag = this.#memberTag(client)
    // In steps of half a lifetime: however often somebody asks, they have few usernames, and each its own quota.
    const expiry = (Math.floor(this.#now() / this.#stepSeconds) + 3) * this.#stepSeconds
    const username = `${expiry}:${roomTag}:${memberTag}`
    this.#present.set(memberTag, roomTag)
    return { username, credential: this.#password(username) }
  }

  /** The member is in the room no more: what they have is good for nothing new. */
  dismiss(client: IceClient): void {
    this.#present.delete(this.#memberTag(client))
  }

  /** Tells the usernames that this member was given, ever, from those of others. */
  owns(client: IceClient): (username: string) => boolean {
    const end = `:${this.#tag('room', client.nameplate)}:${this.#memberTag(client)}`
    return (username) => username.endsWith(end)
  }

  find(username: string): TurnAccount | undefined {
    const [, expiry = '', roomTag, memberTag = ''] =
      /^(\d{1,15}):([\w-]{12}):([\w-]{12})$/.exec(username) ?? []
    // Before any HMAC: strangers choose what is asked.
    if (roomTag === undefined || this.#present.get(memberTag) !== roomTag) return undefined
    return {
      password: this.#password(username),
      room: roomTag,
      mayAllocate: this.#now() < Number(expiry),
    }
  }

  #memberTag({ nameplate, memberId }: IceClient): string {
    return this.#tag('member', `${nameplate} ${memberId}`)
  }

  #tag(kind: 'room' | 'member', text: string): string {
    const digest = createHmac('sha256', this.#tagKey).update(`${kind} ${text}`).digest()
    return digest.subarray(0, tagBytes).toString('base64url')
  }

  #password(username: string): string {
    return createHmac('sha1', this.#secret).update(username).digest('base64')
  }

  #now(): number {
    return Math.floor(this.#wallClock() / 1000)
  }
}

function derive(key: Uint8Array, label: string): Uint8Array {
  return nodeCrypto.hmacSha256(key, new TextEncoder().encode(label))
}
