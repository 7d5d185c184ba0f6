import type { StunMessage } from '@crowfly/stun'
import { decodeLifetime } from '../proto/attributes/lifetime.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import type { TurnLimits } from './turn-limits.ts'

/** What LIFETIME asks for, in seconds: undefined when it is absent, 400 when it is malformed. */
export function requestedLifetime(request: StunMessage): { seconds: number | undefined } | 400 {
  const seconds = decodeLifetime(request)
  return seconds === undefined && request.has(TurnAttributeType.LIFETIME) ? 400 : { seconds }
}

// RFC 8656 §7.2, §8.2: the least of what is asked and what is allowed, but never less than the default.
/** The lifetime that a client gets, in seconds. */
export function grantedLifetime(seconds: number | undefined, limits: TurnLimits): number {
  const { defaultLifetimeSeconds, maxLifetimeSeconds } = limits
  return Math.max(defaultLifetimeSeconds, Math.min(seconds ?? 0, maxLifetimeSeconds))
}
