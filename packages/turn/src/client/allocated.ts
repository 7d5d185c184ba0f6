import type { TransportAddress } from '@crowfly/sansio'
import { decodeXorMappedAddress, type StunMessage } from '@crowfly/stun'
import { type AddressError, decodeAddressErrorCode } from '../proto/attributes/address-error-code.ts'
import { decodeLifetime } from '../proto/attributes/lifetime.ts'
import { decodeReservationToken } from '../proto/attributes/reservation-token.ts'
import { decodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import type { RequestedRelay } from './requested-relay.ts'

/** What an Allocate success response grants. */
export interface Allocated {
  /** One, or one of each family. */
  readonly relayed: readonly TransportAddress[]
  /** Where the server sees the client. */
  readonly reflexive: TransportAddress
  readonly lifetimeSeconds: number
  /** For a further allocation on the next port; the server keeps it for 30 seconds. */
  readonly reservationToken: Uint8Array | undefined
  /** Why the other family is missing from a dual allocation. */
  readonly addressError: AddressError | undefined
}

// RFC 8656 §7.3: a client that gets an address of another kind than it asked for has no use for it.
/** Reads an Allocate success response; undefined when it lacks what it has to say, or grants what was not asked for. */
export function decodeAllocated(response: StunMessage, wanted: RequestedRelay): Allocated | undefined {
  const relayed: TransportAddress[] = []
  let at = response.find(TurnAttributeType.XOR_RELAYED_ADDRESS)
  for (; at !== -1; at = response.findNext(at)) {
    const address = decodeXorRelayedAddress(response, at)
    if (address === undefined || relayed.some(({ family }) => family === address.family)) return undefined
    relayed.push(address)
  }
  const reflexive = decodeXorMappedAddress(response)
  const lifetimeSeconds = decodeLifetime(response)
  if (reflexive === undefined || lifetimeSeconds === undefined || lifetimeSeconds === 0) return undefined
  if (relayed.length === 0 || (wanted.type !== 'dual' && relayed.length > 1)) return undefined
  if (wanted.type === 'single' && relayed[0]?.family !== wanted.family) return undefined
  return {
    relayed,
    reflexive,
    lifetimeSeconds,
    reservationToken: decodeReservationToken(response),
    addressError: decodeAddressErrorCode(response),
  }
}
