/** A signaling server in an attacker's hands, for tests in real browsers too. Not part of the published package. */
export { Ghost } from './ghost.ts'
export { GhostNewcomer } from './ghost-newcomer.ts'
export { GoBetween } from './go-between.ts'
export { MaliciousServer } from './malicious-server.ts'
export type { Misconduct, Told } from './misconduct.ts'
export { flip, meddle } from './post.ts'
export { findLeaks } from './wire-tap.ts'
