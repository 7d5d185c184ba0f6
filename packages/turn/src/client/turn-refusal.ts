import type { ExchangeFault, ExchangeOutcome } from './exchange.ts'

/** Why the server did not do what it was asked. */
export type TurnRefusal =
  /** An error response: a code of `TurnErrorCode` or `ErrorCode`, and a phrase for people. */
  | { readonly reason: 'refused'; readonly code: number; readonly phrase: string }
  | { readonly reason: ExchangeFault }

/** How an exchange can end without success. */
export type UnwelcomeOutcome = Exclude<ExchangeOutcome, { type: 'succeeded' }>

/** An unwelcome end, as an event tells it. */
export function refusalOf(outcome: UnwelcomeOutcome): TurnRefusal {
  if (outcome.type === 'failed') return { reason: outcome.reason }
  return { reason: 'refused', code: outcome.code, phrase: outcome.phrase }
}
