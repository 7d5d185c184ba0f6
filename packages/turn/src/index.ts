export type { RelayDatagram, RelayId, TurnServerEvent } from './server/relay.ts'
export type { TurnAccount, TurnAccounts } from './server/turn-account.ts'
