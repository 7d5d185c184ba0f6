import type { Millis } from '@crowfly/sansio'

/** How long `disconnected` may last before ICE is restarted: it often heals by itself. */
const DISCONNECTED_GRACE_MS = 2_000

/** How long checks that the other side began by a restart may take on a connection that once stood. */
const CHECKING_GRACE_MS = 5_000

/** The pause before the second restart; it doubles up to the longest. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 30_000

/** Every so many tries ICE alone is not trusted to heal: browsers can be left in a state that no restart mends. */
const RESTARTS_PER_REBUILD = 3

/** Restarts that are asked for from outside keep at least this distance. */
const SHORTEST_PAUSE_MS = 1_000

type Recovery =
  | { kind: 'idle' }
  /** Restarts at `restartAt`; `restarts` have been made since the connection last stood. */
  | { kind: 'due'; restartAt: Millis; restarts: number; lastRestartAt: Millis }

/** Decides when to restart ICE (RFC 8445 §9). Told the states and the time, it owns neither. */
export class IceRecovery {
  #state: RTCIceConnectionState = 'new'
  #hasStood = false
  #recovery: Recovery = { kind: 'idle' }
  readonly #headStartMs: Millis

  /**
   * `headStartMs` is how long the other side is given to make the first restart, which serves both: a path that dies
   * is seen by both in the same moment, and offers that cross cost a round trip, in Firefox more.
   */
  constructor(headStartMs: Millis = 0) {
    this.#headStartMs = headStartMs
  }

  handleState(state: RTCIceConnectionState, now: Millis): void {
    this.#state = state
    if (this.#isStanding()) {
      this.#hasStood = true
      this.#enter({ kind: 'idle' })
    } else if (state === 'checking' && this.#hasStood) this.#plan(now + CHECKING_GRACE_MS)
    else if (state === 'disconnected') this.#plan(now + DISCONNECTED_GRACE_MS + this.#headStartMs)
    // Once a restart has been made, the pauses hold: they are what keeps a dead path from being hammered.
    else if (state === 'failed' && this.#restarts === 0) this.#hurry(now + this.#headStartMs)
  }

  /** The network really changed: what the connection believes of itself may be out of date. */
  handleNetworkChange(now: Millis): void {
    const recovery = this.#recovery
    // A restart that was for the network before shows nothing of this one.
    if (recovery.kind === 'due' && this.#isStanding()) this.#enter({ ...recovery, restarts: 0 })
    this.#hurry(now)
  }

  /** The way for offers is open again: worth a try when the connection does not stand. */
  handleSignalingRestored(now: Millis): void {
    if (this.#recovery.kind === 'due') this.#hurry(now)
  }

  /** What is to be done now. `rebuild` comes when restarts have not helped; a restart may be made in its stead. */
  handleTimeout(now: Millis): 'restart' | 'rebuild' | null {
    const recovery = this.#recovery
    if (recovery.kind === 'idle' || now < recovery.restartAt) return null
    if (recovery.restarts > 0 && this.#isStanding()) {
      // A restart that kept the connection standing tells nothing by events.
      this.#enter({ kind: 'idle' })
      return null
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** recovery.restarts, LONGEST_PAUSE_MS)
    this.#enter({ kind: 'due', restartAt: now + pause, restarts: recovery.restarts + 1, lastRestartAt: now })
    return (recovery.restarts + 1) % RESTARTS_PER_REBUILD === 0 ? 'rebuild' : 'restart'
  }

  pollTimeout(): Millis {
    return this.#recovery.kind === 'idle' ? Infinity : this.#recovery.restartAt
  }

  /** Keeps a plan that exists: a state that flickers must not put the restart off. */
  #plan(restartAt: Millis): void {
    if (this.#recovery.kind === 'due') return
    this.#enter({ kind: 'due', restartAt, restarts: 0, lastRestartAt: -Infinity })
  }

  /** Restarts now, or as soon as the last restart has had a moment. */
  #hurry(now: Millis): void {
    this.#plan(now)
    const recovery = this.#recovery
    if (recovery.kind === 'idle') return
    const restartAt = Math.max(now, recovery.lastRestartAt + SHORTEST_PAUSE_MS)
    if (restartAt < recovery.restartAt) this.#enter({ ...recovery, restartAt })
  }

  get #restarts(): number {
    return this.#recovery.kind === 'due' ? this.#recovery.restarts : 0
  }

  #isStanding(): boolean {
    return this.#state === 'connected' || this.#state === 'completed'
  }

  #enter(recovery: Recovery): void {
    this.#recovery = recovery
  }
}
