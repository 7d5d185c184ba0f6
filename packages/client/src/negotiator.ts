import type { Agenda, Alarm } from './agenda.ts'
import { CandidateHold } from './candidate-hold.ts'
import { DtlsRole } from './dtls-role.ts'
import type { Candidate, Description, NegotiationChannel } from './negotiation-channel.ts'
import { OperationChain } from './operation-chain.ts'
import type { CandidateLike, PeerConnection } from './peer-connection.ts'
import { canRestartTogether } from './restart-match.ts'

/** Candidates found within this time travel together. */
const CANDIDATE_BATCH_MS = 100

/** Candidates in one message at most. */
const MAX_BATCH = 32

/** Answers in a row that may fail to apply before the negotiation stops trying anew. */
const MAX_FAILED_ANSWERS = 3

export interface NegotiatorOptions {
  readonly connection: PeerConnection
  readonly channel: NegotiationChannel
  readonly agenda: Agenda
  /** The polite side gives way when two offers cross. One of the two must be, the other not. */
  readonly isPolite: boolean
  /** Whether this side may offer before it has seen an offer. */
  readonly offersFirst: boolean
  /** Called between each remote offer and its answer, to shape the answer. */
  readonly prepareAnswer: () => void
  /** An operation on the connection was rejected. The negotiation goes on. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Perfect negotiation (W3C WebRTC §10.7) with trickle ICE: either side may renegotiate at any time, and both come
 * to rest with the latest of each. Takes over the connection's `onnegotiationneeded` and `onicecandidate`.
 *
 * All operations run one after the other. So an offer that arrives while one of ours is being made waits until
 * ours is out, and the signaling state alone tells a collision.
 */
export class Negotiator {
  readonly #options: NegotiatorOptions
  readonly #chain: OperationChain
  readonly #hold = new CandidateHold()
  readonly #dtlsRole = new DtlsRole()
  readonly #batchAlarm: Alarm
  #batch: Candidate[] = []
  /** As it came: Chromium gives a description back in words of its own. */
  #remoteSdp = ''
  #mayOffer: boolean
  #failedAnswers = 0

  constructor(options: NegotiatorOptions) {
    this.#options = options
    this.#mayOffer = options.offersFirst
    this.#chain = new OperationChain(options.onFailure)
    this.#batchAlarm = options.agenda.alarm(() => this.#chain.add(() => this.#sendBatch()))
    options.connection.onnegotiationneeded = () => this.#chain.add(() => this.#offer())
    options.connection.onicecandidate = ({ candidate }) => this.#collect(candidate)
  }

  /** Takes a description from the other side, in the order in which they were sent. */
  handleDescription(description: Description): void {
    this.#chain.add(() =>
      description.kind === 'offer' ? this.#handleOffer(description.sdp) : this.#handleAnswer(description.sdp),
    )
  }

  /** Takes candidates, also before the description that they belong to. */
  handleCandidates(candidates: readonly Candidate[]): void {
    this.#chain.add(async () => {
      for (const candidate of candidates) {
        const current = this.#hold.admit(candidate)
        if (current !== null) await this.#apply(current)
      }
    })
  }

  /** Whether a connection of these two browsers outlives a restart of ICE. */
  get canRestartIce(): boolean {
    return canRestartTogether(this.#options.connection.localDescription?.sdp ?? '', this.#remoteSdp)
  }

  /** Makes a new ICE generation with the next offer, which follows as soon as the state allows. */
  restartIce(): void {
    this.#options.connection.restartIce()
  }

  /** Stops. Does not close the connection. */
  close(): void {
    this.#chain.close()
    this.#batchAlarm.clear()
    this.#options.connection.onnegotiationneeded = null
    this.#options.connection.onicecandidate = null
  }

  async #offer(): Promise<void> {
    const { connection } = this.#options
    // Not stable: the event comes again once it is, if something is still to be negotiated.
    if (!this.#mayOffer || connection.signalingState !== 'stable') return
    await connection.setLocalDescription()
    this.#sendLocalDescription()
  }

  async #handleOffer(sdp: string): Promise<void> {
    const { connection, isPolite, prepareAnswer } = this.#options
    const hasCollided = connection.signalingState !== 'stable'
    if (hasCollided && !isPolite) return
    // Rolls an own offer back by itself. The wish behind it is not lost: the connection asks again when stable.
    await connection.setRemoteDescription({ type: 'offer', sdp })
    this.#remoteSdp = sdp
    this.#mayOffer = true
    prepareAnswer()
    await connection.setLocalDescription()
    this.#sendLocalDescription()
    await this.#applyHeld(sdp)
  }

  async #handleAnswer(sdp: string): Promise<void> {
    const { connection } = this.#options
    // Of an offer that was taken back.
    if (connection.signalingState !== 'have-local-offer') return
    try {
      await connection.setRemoteDescription({ type: 'answer', sdp })
    } catch (error) {
      this.#failedAnswers += 1
      this.#options.onFailure(error)
      // Back to stable, from where the connection asks to negotiate again.
      if (this.#failedAnswers < MAX_FAILED_ANSWERS) await connection.setLocalDescription({ type: 'rollback' })
      return
    }
    this.#failedAnswers = 0
    this.#remoteSdp = sdp
    this.#dtlsRole.handleAnswer(sdp)
    await this.#applyHeld(sdp)
  }

  async #applyHeld(sdp: string): Promise<void> {
    for (const candidate of this.#hold.release(sdp)) await this.#apply(candidate)
  }

  async #apply(candidate: Candidate): Promise<void> {
    try {
      await this.#options.connection.addIceCandidate({
        candidate: candidate.candidate,
        sdpMid: candidate.sdpMid === '' ? null : candidate.sdpMid,
        sdpMLineIndex: candidate.sdpMLineIndex,
        ...(candidate.usernameFragment === '' ? {} : { usernameFragment: candidate.usernameFragment }),
      })
    } catch (error) {
      // One candidate that the connection can not use leaves the others.
      this.#options.onFailure(error)
    }
  }

  #sendLocalDescription(): void {
    const { connection, channel } = this.#options
    const description = connection.localDescription
    if (description === null || (description.type !== 'offer' && description.type !== 'answer')) return
    channel.sendDescription(this.#dtlsRole.handleOutgoing({ kind: description.type, sdp: description.sdp }))
  }

  #collect(candidate: CandidateLike | null): void {
    // Null and the empty candidate mean the end of gathering, which nobody needs to know here.
    if (candidate === null || candidate.candidate === '') return
    if (this.#batch.length === 0) this.#batchAlarm.set(this.#options.agenda.now() + CANDIDATE_BATCH_MS)
    this.#batch.push({
      candidate: candidate.candidate,
      sdpMid: candidate.sdpMid ?? '',
      sdpMLineIndex: candidate.sdpMLineIndex ?? 0,
      usernameFragment: candidate.usernameFragment ?? '',
    })
  }

  // In the chain, so that it follows the description that the candidates belong to.
  #sendBatch(): void {
    const batch = this.#batch
    this.#batch = []
    for (let start = 0; start < batch.length; start += MAX_BATCH) {
      this.#options.channel.sendCandidates(batch.slice(start, start + MAX_BATCH))
    }
  }
}
