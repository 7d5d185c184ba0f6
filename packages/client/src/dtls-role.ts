import type { Description } from './negotiation-channel.ts'

/**
 * Holds on to the DTLS roles of a connection (RFC 8842 §5): once agreed they last as long as it does.
 *
 * Firefox forgets its role when the other side restarts ICE: asked with `actpass` it answers `active`, although it is
 * the server, and the other side refuses that answer for good. So a later offer says on its way out which role its
 * sender has, and leaves no choice. The local description stays as the browser made it.
 */
export class DtlsRole {
  #role: 'active' | 'passive' | null = null

  /** A description is about to leave. Gives what to send. */
  handleOutgoing(description: Description): Description {
    if (description.kind === 'answer') {
      this.#role ??= setupOf(description.sdp)
      return description
    }
    if (this.#role === null) return description
    // DEVIATION: RFC 8829 §5.2.2 keeps `actpass` in later offers, because it trusts the answerer to remember.
    return { kind: 'offer', sdp: description.sdp.replaceAll('a=setup:actpass', `a=setup:${this.#role}`) }
  }

  /** An answer from the other side was applied. */
  handleAnswer(sdp: string): void {
    const setup = setupOf(sdp)
    if (setup !== null) this.#role ??= setup === 'active' ? 'passive' : 'active'
  }
}

// RFC 4145 §4
function setupOf(sdp: string): 'active' | 'passive' | null {
  const setup = /^a=setup:(active|passive)\s*$/m.exec(sdp)?.[1]
  return setup === 'active' || setup === 'passive' ? setup : null
}
