import type { IdentityFault, PairRegistry } from './pair-registry.ts'
import { decodeTicket, type MalformedMessage, type Ticket } from './ticket.ts'
import { highestCommonVersion } from './versions.ts'

/** Why a ticket is not opened. */
export type TicketFault =
  | IdentityFault
  | MalformedMessage
  /** The member speaks none of this side's versions. */
  | 'noCommonVersion'
  /** Both speak a higher version than the ticket's: somebody has kept that ticket back. */
  | 'downgraded'

/** The ticket, or why it is not to be opened. `sender` is who the server says has left it. */
export function checkTicket(
  octets: Uint8Array,
  sender: Uint8Array,
  registry: PairRegistry,
  ownVersions: readonly number[],
): Ticket | TicketFault {
  const ticket = decodeTicket(octets)
  if (typeof ticket === 'string') return ticket
  const fault = registry.check(ticket.member.id, sender)
  if (fault !== undefined) return fault
  const version = highestCommonVersion(ticket.member.versions, ownVersions)
  if (version === undefined) return 'noCommonVersion'
  return version === ticket.version ? ticket : 'downgraded'
}
