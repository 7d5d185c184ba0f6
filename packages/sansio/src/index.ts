export type { Crypto } from './crypto.ts'
export type { ConnectionMachine, Datagram, Machine, Millis, PathId } from './machine.ts'
export { PathTable, PathTableError, type PathTableOptions, type Transport } from './path-table.ts'
export { type Random, randomInteger } from './random.ts'
export { TimerTable, TimerTableError } from './timer-table.ts'
export {
  addressLength,
  equalTransportAddress,
  formatAddress,
  formatTransportAddress,
  parseAddress,
  type TransportAddress,
} from './transport-address.ts'
