import type { TransportAddress } from '@crowfly/sansio'
import type { IcmpError } from '../proto/attributes/icmp.ts'
import type { Allocated } from './allocated.ts'
import type { TurnRefusal } from './turn-refusal.ts'

/**
 * Why there is no allocation, or none any more.
 *
 * After `refused` with 486 or 508 wait at least a minute before another try, with 437 use another port of your own, and
 * with 403, 441 and 442 do not try again (RFC 8656 §7.4). `alternateServer` comes with 300, and only if the response
 * was authentic.
 */
export type TurnClientEnd =
  | (TurnRefusal & {
      readonly alternateServer?: TransportAddress
      /** The name that its certificate has to have, over TLS (RFC 8489 §10). */
      readonly alternateDomain?: string
      /** What the server did not understand, with 420. */
      readonly unknownAttributes?: readonly number[]
    })
  /** It was not refreshed in time. */
  | { readonly reason: 'expired' }
  /** The owner gave it up. */
  | { readonly reason: 'released' }

/** What a `TurnClient` has to tell. What peers send is no event: see `pollData`. */
export type TurnClientEvent =
  | ({ readonly type: 'allocated' } & Allocated)
  | { readonly type: 'refreshed'; readonly lifetimeSeconds: number }
  /** Packets pass to and from this IP address; the port says nothing. */
  | { readonly type: 'permissionGranted'; readonly peer: TransportAddress }
  | ({ readonly type: 'permissionRefused'; readonly peer: TransportAddress } & TurnRefusal)
  | { readonly type: 'channelBound'; readonly peer: TransportAddress; readonly channel: number }
  | ({
      readonly type: 'channelRefused'
      readonly peer: TransportAddress
      readonly channel: number
    } & TurnRefusal)
  /** A packet to this peer was answered by an ICMP error (RFC 8656 §11.6). */
  | { readonly type: 'icmpReceived'; readonly peer: TransportAddress; readonly icmp: IcmpError }
  /** There is no allocation and there will be none. The last event. */
  | ({ readonly type: 'ended' } & TurnClientEnd)
