import { prepareOpaqueString } from '@crowfly/stun'
import { TurnError } from '../turn-error.ts'
import type { PeerPolicy } from './peer-policy.ts'
import type { TurnLimits } from './turn-limits.ts'

const MOST_ALLOCATIONS = 2 ** 20

/** Throws a `TurnError` that says which setting of a `TurnServer` makes no sense. */
export function checkOptions(
  options: { realm: string; nonceKey: Uint8Array; peers: PeerPolicy },
  limits: TurnLimits,
): void {
  const { realm, nonceKey, peers } = options
  require(prepareOpaqueString(realm) !== undefined &&
    Array.from(realm).length < 128, 'realm is text of 1 to 127 characters')
  require(nonceKey.length >= 32, 'nonceKey has 32 bytes at least')
  for (const [name, value] of Object.entries(limits)) require(value >= 0, `${name} is a number from 0 up`)
  const { maxAllocations, maxReservations, defaultLifetimeSeconds, maxLifetimeSeconds } = limits
  const isCount = (value: number): boolean => Number.isInteger(value) && value <= MOST_ALLOCATIONS
  require(isCount(maxAllocations), 'maxAllocations is an integer up to 2^20')
  require(isCount(maxReservations), 'maxReservations is an integer up to 2^20')
  require(defaultLifetimeSeconds > 0, 'defaultLifetimeSeconds is more than 0')
  require(defaultLifetimeSeconds <=
    maxLifetimeSeconds, 'defaultLifetimeSeconds is at most maxLifetimeSeconds')
  require(maxLifetimeSeconds < 2 ** 32, 'maxLifetimeSeconds is less than 2^32')
  if (peers.kind !== 'public') return
  const { least, most } = peers.ports
  const isPort = (value: number): boolean => Number.isInteger(value) && value > 0 && value < 65_536
  require(isPort(least) && isPort(most) && least <= most, 'ports are 1 to 65535, the least one first')
}

function require(condition: boolean, rule: string): void {
  if (!condition) throw new TurnError('TURN_SERVER', `TurnServer: ${rule}`)
}
