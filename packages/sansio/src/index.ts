export type { Crypto } from './crypto.ts'
export type { ConnectionMachine, Datagram, Machine, Millis, PathId } from './machine.ts'
export { type Random, randomInteger } from './random.ts'
