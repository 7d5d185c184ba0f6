import type { Candidate } from './negotiation-channel.ts'

/** Candidates kept at most for descriptions that have not come. The oldest make room. */
const MAX_HELD = 128

/** Sorts a peer's candidates by ICE generation: those that fit the remote description, and those to keep for later. */
export class CandidateHold {
  #held: Candidate[] = []
  #fragments: ReadonlySet<string> | null = null

  /** The candidate if it can be applied now, or null: kept until a description with its fragment comes. */
  admit(candidate: Candidate): Candidate | null {
    if (this.#fits(candidate)) return candidate
    this.#held.push(candidate)
    if (this.#held.length > MAX_HELD) this.#held.shift()
    return null
  }

  /** A remote description was applied: gives the candidates that waited for it. */
  release(sdp: string): readonly Candidate[] {
    this.#fragments = usernameFragments(sdp)
    const released = this.#held.filter((candidate) => this.#fits(candidate))
    this.#held = this.#held.filter((candidate) => !this.#fits(candidate))
    return released
  }

  #fits(candidate: Candidate): boolean {
    if (this.#fragments === null) return false
    // Not every implementation names the generation; such a candidate is taken for the current one.
    return candidate.usernameFragment === '' || this.#fragments.has(candidate.usernameFragment)
  }
}

// RFC 8839 §5.4
function usernameFragments(sdp: string): ReadonlySet<string> {
  return new Set(Array.from(sdp.matchAll(/^a=ice-ufrag:(\S+)/gm), ([, fragment = '']) => fragment))
}
