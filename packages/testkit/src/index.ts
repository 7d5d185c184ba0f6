export { type Loan, lend } from './borrowed-input.ts'
export {
  type ConnectionEnd,
  ConnectionHost,
  type ConnectionHostOptions,
  type ConnectionLink,
  type Ending,
} from './connection-host.ts'
export { DatagramHost, type DatagramHostOptions } from './datagram-host.ts'
export { describeFramer, type FramerSubject } from './describe-framer.ts'
export { describeMachine } from './describe-machine.ts'
export { type Drive, drive, type Outlet } from './drive.ts'
export { concatenate, type Framer, framesOf } from './framed-stream.ts'
export { formatHex, parseHex } from './hex.ts'
export {
  checkBorrowing,
  checkClosed,
  checkEarlyTimeouts,
  checkLiveness,
  checkReplay,
  type SubjectFactory,
} from './machine-contract.ts'
export {
  type ContractRule,
  ContractViolation,
  type MachineSubject,
  MachineTrace,
  type TraceDriver,
  type TraceVariant,
} from './machine-trace.ts'
export { registryRows } from './registry-rows.ts'
export { SeededRandom } from './seeded-random.ts'
export { forEachSeed, forEachSeedAsync, SeedFailure } from './seeds.ts'
export { testCrypto } from './test-crypto.ts'
export { VirtualClock, VirtualClockError } from './virtual-clock.ts'
export { type ConnectionConditions, VirtualConnections } from './virtual-connections.ts'
export {
  type NetworkConditions,
  VirtualNetwork,
  VirtualNetworkError,
  type VirtualSocket,
} from './virtual-network.ts'
