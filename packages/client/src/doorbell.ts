import type { Candidate } from './negotiation-channel.ts'
import type { CallerSnapshot, MemberId } from './snapshot.ts'

/** Callers who may wait at once; further ones are told that it is busy. */
const MAX_CALLERS = 8

/** Candidates kept of one caller at most. */
const MAX_CANDIDATES = 128

/** A newcomer's offer that has not been answered, with all that came after it. */
export interface Caller {
  readonly snapshot: CallerSnapshot
  /** The number of their connection. */
  readonly attempt: number
  readonly sdp: string
  readonly candidates: Candidate[]
}

/** Those who wait to be let in, in the order in which they came. Nothing of theirs is touched before. */
export class Doorbell {
  readonly #callers = new Map<MemberId, Caller>()

  /** False when too many are waiting. */
  add(caller: Caller): boolean {
    const { id } = caller.snapshot
    if (this.#callers.size >= MAX_CALLERS && !this.#callers.has(id)) return false
    this.#callers.set(id, caller)
    return true
  }

  handleCandidates(id: MemberId, attempt: number, candidates: readonly Candidate[]): void {
    const caller = this.#callers.get(id)
    if (caller?.attempt !== attempt) return
    caller.candidates.push(...candidates.slice(0, MAX_CANDIDATES - caller.candidates.length))
  }

  /** Takes a caller out, to let in or to turn away. */
  take(id: MemberId): Caller | null {
    const caller = this.#callers.get(id) ?? null
    this.#callers.delete(id)
    return caller
  }

  /** Takes out the one who has waited longest. */
  takeFirst(): Caller | null {
    for (const id of this.#callers.keys()) return this.take(id)
    return null
  }

  clear(): void {
    this.#callers.clear()
  }

  /** Their snapshots are the same objects as long as they wait. */
  callers(): readonly Caller[] {
    return [...this.#callers.values()]
  }
}
