import type { Millis, PathId, PathTable, Random } from '@crowfly/sansio'
import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import type { AllocationTable } from './allocation-table.ts'
import type { Credentials } from './authenticator.ts'
import type { TurnServerEvent } from './relay.ts'
import type { RelayedAddresses } from './relayed-addresses.ts'
import type { Reservations } from './reservations.ts'
import type { TurnLimits } from './turn-limits.ts'

/** A request whose sender is known. */
export interface TurnRequest extends Credentials {
  readonly message: StunMessage
  readonly path: PathId
  readonly now: Millis
}

/** What the handlers of requests share. */
export interface TurnState {
  readonly paths: PathTable
  readonly random: Random
  readonly limits: TurnLimits
  readonly allocations: AllocationTable
  readonly relayed: RelayedAddresses
  readonly reservations: Reservations
  readonly acceptsClassicChannels: boolean
  emit(event: TurnServerEvent): void
}

/** The codes that an authenticated request is refused with. */
export type RefusalCode = 400 | 403 | 420 | 437 | 440 | 441 | 442 | 443 | 486 | 508

/** A refusal by its code, or what writes the attributes of the success response. */
export type Answer = RefusalCode | ((writer: StunMessageWriter) => void)
