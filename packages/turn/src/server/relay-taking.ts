import type { PathId } from '@crowfly/sansio'
import type { RelayPlan } from './relay-plan.ts'
import type { RelayedAddress } from './relayed-addresses.ts'
import type { TurnState } from './turn-request.ts'

/** Ports that were taken for an allocation. */
export interface TakenPorts {
  readonly ports: readonly { readonly relayed: RelayedAddress; readonly port: number }[]
  /** The family of a dual allocation that there was nothing in. */
  readonly addressError: { readonly family: 4 | 6; readonly code: 440 | 508 } | undefined
}

// RFC 8656 §7.2, points 7 to 9.
/** Takes the ports that are asked for, or says the error code to refuse with; then nothing is taken. */
export function takePorts(state: TurnState, path: PathId, plan: RelayPlan): TakenPorts | 440 | 508 {
  const { reservation } = plan
  if (reservation !== undefined) {
    return { ports: [{ relayed: reservation.relayed, port: reservation.port }], addressError: undefined }
  }
  if (plan.evenPort?.reserveNext && state.reservations.isFull) return 508
  const ports: { relayed: RelayedAddress; port: number }[] = []
  const errors: { family: 4 | 6; code: 440 | 508 }[] = []
  for (const family of plan.families) {
    const relayed = state.relayed.offer(family, path)
    const port = relayed === undefined ? -1 : takePort(state, relayed, plan)
    if (relayed !== undefined && port >= 0) ports.push({ relayed, port })
    else errors.push({ family, code: relayed === undefined ? 440 : 508 })
  }
  const [addressError] = errors
  if (ports.length > 0) return { ports, addressError }
  return errors.every(({ code }) => code === 440) ? 440 : 508
}

function takePort(state: TurnState, relayed: RelayedAddress, plan: RelayPlan): number {
  const { evenPort } = plan
  if (evenPort === undefined) return relayed.ports.take(state.random)
  return relayed.ports.takeEven(state.random, evenPort.reserveNext)
}
