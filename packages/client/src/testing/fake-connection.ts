import type { Candidate } from '../negotiation-channel.ts'
import type {
  CandidateLike,
  DescriptionLike,
  Handler,
  PeerConnection,
  StatsReport,
  Transceiver,
} from '../peer-connection.ts'
import { FakeDataChannel } from './fake-data-channel.ts'
import { FakeTrack } from './fake-media.ts'
import type { FakeNetwork } from './fake-network.ts'
import {
  type FakeDescription,
  type FakeSection,
  formatSdp,
  intersect,
  parseSdp,
  reverse,
} from './fake-sdp.ts'

/** A transceiver, and what the last agreed descriptions said of it. */
export class FakeTransceiver implements Transceiver {
  readonly kind: 'audio' | 'video'
  readonly receiver: { readonly track: FakeTrack }
  readonly sender = {
    track: null as MediaStreamTrack | null,
    replaceTrack: async (track: MediaStreamTrack | null): Promise<void> => {
      await Promise.resolve()
      this.sender.track = track
    },
    encodings: [{}] as RTCRtpEncodingParameters[],
    /** How often parameters were set. */
    changes: 0,
    getParameters: (): RTCRtpSendParameters => ({
      transactionId: '',
      codecs: [],
      headerExtensions: [],
      rtcp: {},
      encodings: this.sender.encodings.map((encoding) => ({ ...encoding })),
    }),
    setParameters: async (parameters: RTCRtpSendParameters): Promise<void> => {
      await Promise.resolve()
      this.sender.encodings = parameters.encodings
      this.sender.changes += 1
    },
  }
  readonly #onDirection: () => void
  mid: string | null = null
  currentDirection: RTCRtpTransceiverDirection | null = null
  #direction: RTCRtpTransceiverDirection

  constructor(kind: 'audio' | 'video', direction: RTCRtpTransceiverDirection, onDirection: () => void) {
    this.kind = kind
    this.receiver = { track: new FakeTrack(kind) }
    this.#direction = direction
    this.#onDirection = onDirection
  }

  get direction(): RTCRtpTransceiverDirection {
    return this.#direction
  }

  set direction(direction: RTCRtpTransceiverDirection) {
    this.#direction = direction
    this.#onDirection()
  }
}

interface Signalled {
  readonly local: FakeDescription
  readonly remote: FakeDescription
}

/**
 * An RTCPeerConnection after W3C WebRTC §4.4 and §4.7: the operations chain, the signaling states with implicit
 * descriptions and rollback, the negotiation-needed flag, ICE generations and trickled candidates. Media is left
 * out; whether packets get through is the `FakeNetwork`'s to say.
 */
export class FakeConnection implements PeerConnection {
  configuration: RTCConfiguration
  readonly network: FakeNetwork
  readonly host: string
  onnegotiationneeded: Handler<unknown> | null = null
  onicecandidate: Handler<{ readonly candidate: CandidateLike | null }> | null = null
  oniceconnectionstatechange: Handler<unknown> | null = null
  onconnectionstatechange: Handler<unknown> | null = null
  signalingState: RTCSignalingState = 'stable'
  iceConnectionState: RTCIceConnectionState = 'new'
  isClosed = false
  /** Stands, and receives nothing. */
  isDeaf = false
  #packetsReceived = 0
  #hasStood = false
  /** How often a restart of ICE was asked for. */
  restarts = 0
  /** Candidates of the other side's current generation that have been applied. */
  readonly applied: Candidate[] = []
  channel: FakeDataChannel | null = null
  #transceivers: FakeTransceiver[] = []
  #agreed: Signalled | null = null
  #pendingLocal: FakeDescription | null = null
  #pendingRemote: FakeDescription | null = null
  #chain: Promise<void> = Promise.resolve()
  #operations = 0
  #fragment: string
  #nextFragment: string | null = null
  #isNegotiationNeeded = false
  #nextMid = 0
  /** Transceivers and mids that the pending description made, for the rollback. */
  #undo: (() => void)[] = []

  constructor(configuration: RTCConfiguration, network: FakeNetwork, host: string) {
    this.configuration = configuration
    this.network = network
    this.host = host
    this.#fragment = network.newFragment()
  }

  get localDescription(): DescriptionLike | null {
    return describe(this.#pendingLocal ?? this.#agreed?.local ?? null)
  }

  get remoteDescription(): DescriptionLike | null {
    const remote = this.#pendingRemote ?? this.#agreed?.remote ?? null
    // As Chromium does, which says it in its own words.
    return describe(remote && { ...remote, isFirefox: this.#isFirefox })
  }

  get connectionState(): RTCPeerConnectionState {
    if (this.isClosed) return 'closed'
    const ice = this.iceConnectionState
    if (ice === 'checking') return 'connecting'
    return ice === 'completed' ? 'connected' : ice
  }

  /** The current generations, once both descriptions are there. */
  get fragments(): { local: string; remote: string } | null {
    const local = this.#pendingLocal ?? this.#agreed?.local
    const remote = this.#pendingRemote ?? this.#agreed?.remote
    return local && remote ? { local: local.fragment, remote: remote.fragment } : null
  }

  /** Stable, with nothing left to negotiate and nothing under way. */
  get isAtRest(): boolean {
    return this.signalingState === 'stable' && this.#operations === 0 && !this.#mustNegotiate()
  }

  addTransceiver(kind: 'audio' | 'video', init: { direction: RTCRtpTransceiverDirection }): FakeTransceiver {
    const transceiver = this.#newTransceiver(kind, init.direction)
    this.#updateNegotiationNeeded()
    return transceiver
  }

  getTransceivers(): FakeTransceiver[] {
    return [...this.#transceivers]
  }

  createDataChannel(label: string): FakeDataChannel {
    this.channel = new FakeDataChannel(label, this)
    this.#updateNegotiationNeeded()
    return this.channel
  }

  setConfiguration(configuration: RTCConfiguration): void {
    if (this.isClosed) throw new DOMException('it is closed', 'InvalidStateError')
    // As browsers have it, to which none given are others, too.
    if (configuration.certificates?.[0] !== this.configuration.certificates?.[0]) {
      throw new DOMException('other certificates', 'InvalidModificationError')
    }
    this.configuration = configuration
  }

  restartIce(): void {
    this.restarts += 1
    this.#nextFragment ??= this.network.newFragment()
    this.#updateNegotiationNeeded()
  }

  setLocalDescription(description?: { type: 'rollback' }): Promise<void> {
    return this.#enqueue(() => {
      if (description?.type === 'rollback') this.#rollBack()
      else if (this.signalingState === 'have-remote-offer') this.#applyLocal(this.#makeAnswer())
      else this.#applyLocal(this.#makeOffer())
    })
  }

  setRemoteDescription(description: { type: 'offer' | 'answer'; sdp: string }): Promise<void> {
    return this.#enqueue(() => {
      const parsed = parseSdp(description.type, description.sdp)
      const isFitting = parsed.type === 'offer' || this.signalingState === 'have-local-offer'
      if (!isFitting) throw new DOMException(`answer in ${this.signalingState}`, 'InvalidStateError')
      if (parsed.type === 'offer' && this.signalingState === 'have-local-offer') this.#rollBack()
      this.#applyRemote(parsed)
    })
  }

  addIceCandidate(init: RTCIceCandidateInit): Promise<void> {
    return this.#enqueue(() => {
      const remote = this.#pendingRemote ?? this.#agreed?.remote
      if (!remote) throw new DOMException('no remote description', 'InvalidStateError')
      if (init.usernameFragment !== remote.fragment) throw new DOMException('other ufrag', 'OperationError')
      this.applied.push({
        candidate: init.candidate ?? '',
        sdpMid: init.sdpMid ?? '',
        sdpMLineIndex: init.sdpMLineIndex ?? 0,
        usernameFragment: remote.fragment,
      })
      this.network.evaluate(this)
    })
  }

  async getStats(): Promise<StatsReport> {
    if (!this.isDeaf) this.#packetsReceived += 100
    return new Map<string, unknown>([
      ['I', { id: 'I', type: 'inbound-rtp', packetsReceived: this.#packetsReceived }],
      ['T', { id: 'T', type: 'transport', selectedCandidatePairId: 'P' }],
      [
        'P',
        {
          id: 'P',
          type: 'candidate-pair',
          localCandidateId: 'L',
          remoteCandidateId: 'R',
          currentRoundTripTime: 0.02,
        },
      ],
      ['L', { id: 'L', type: 'local-candidate', candidateType: 'host' }],
      ['R', { id: 'R', type: 'remote-candidate', candidateType: 'srflx' }],
    ])
  }

  close(): void {
    this.isClosed = true
    this.signalingState = 'closed'
    this.iceConnectionState = 'closed'
    this.network.forget(this)
  }

  /** For the network: ICE has come to another state. */
  setIceState(state: RTCIceConnectionState): void {
    if (this.isClosed || state === this.iceConnectionState) return
    this.iceConnectionState = state
    if (state === 'connected') this.#hasStood = true
    this.oniceconnectionstatechange?.(null)
    this.onconnectionstatechange?.(null)
    if (state === 'connected') this.channel?.open()
  }

  #newTransceiver(kind: 'audio' | 'video', direction: RTCRtpTransceiverDirection): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, direction, () => this.#updateNegotiationNeeded())
    this.#transceivers.push(transceiver)
    return transceiver
  }

  // §4.4.1.2: one operation at a time; here each takes the network's time for one
  #enqueue(operation: () => void): Promise<void> {
    this.#operations += 1
    const result = this.#chain.then(async () => {
      await this.network.operationDelay()
      // A closed connection neither resolves nor rejects.
      if (this.isClosed) await new Promise<never>(() => {})
      operation()
    })
    const finish = () => {
      this.#operations -= 1
      this.#updateNegotiationNeeded()
    }
    this.#chain = result.then(finish, finish)
    return result
  }

  #makeOffer(): FakeDescription {
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid !== null) continue
      transceiver.mid = this.#freeMid()
      this.#undo.push(() => {
        transceiver.mid = null
      })
    }
    const fragment = this.#nextFragment ?? this.#fragment
    const sections = this.#sections((transceiver) => transceiver.direction)
    return { type: 'offer', isFirefox: this.#isFirefox, fragment, fingerprint: this.#fingerprint, sections }
  }

  #makeAnswer(): FakeDescription {
    const offer = this.#pendingRemote
    if (offer === null) throw new DOMException('no offer', 'InvalidStateError')
    // RFC 8839 §4.4.1.1.1: an offer with new credentials is answered with new ones.
    const isRestart = this.#agreed !== null && this.#agreed.remote.fragment !== offer.fragment
    const fragment = isRestart ? (this.#nextFragment ?? this.network.newFragment()) : this.#fragment
    const sections = offer.sections.map((section) => ({
      ...section,
      direction: intersect(this.#byMid(section.mid)?.direction ?? 'inactive', reverse(section.direction)),
    }))
    return { type: 'answer', isFirefox: this.#isFirefox, fragment, fingerprint: this.#fingerprint, sections }
  }

  #applyLocal(description: FakeDescription): void {
    const isNewGeneration = description.fragment !== this.#announcedFragment()
    this.#pendingLocal = description
    if (description.type === 'answer') this.#agree()
    else this.signalingState = 'have-local-offer'
    if (isNewGeneration) this.network.gather(this, description.fragment)
    this.network.evaluate(this)
  }

  #applyRemote(description: FakeDescription): void {
    if (description.type === 'offer') {
      for (const section of description.sections) this.#associate(section)
      this.signalingState = 'have-remote-offer'
    }
    this.#pendingRemote = description
    if (description.type === 'answer') this.#agree()
    this.applied.splice(
      0,
      Infinity,
      ...this.applied.filter((one) => one.usernameFragment === description.fragment),
    )
    this.network.evaluate(this)
  }

  #associate({ kind, mid }: FakeSection): void {
    if (kind === 'application' || this.#byMid(mid) !== undefined) return
    // §4.4.1.5: a transceiver of addTransceiver is never taken for a section of a remote offer.
    const transceiver = this.#newTransceiver(kind, 'recvonly')
    transceiver.mid = mid
    this.#undo.push(() => {
      this.#transceivers = this.#transceivers.filter((other) => other !== transceiver)
    })
  }

  #agree(): void {
    const local = this.#pendingLocal
    const remote = this.#pendingRemote
    if (local === null || remote === null) throw new DOMException('half an exchange', 'InvalidStateError')
    // What ICE restarts between the two do to a Firefox.
    const isRestart = this.#hasStood && this.#agreed?.remote.fragment !== remote.fragment
    if (isRestart && local.isFirefox && !remote.isFirefox) this.isDeaf = true
    this.#agreed = { local, remote }
    this.#pendingLocal = null
    this.#pendingRemote = null
    this.#undo = []
    this.#fragment = local.fragment
    if (this.#nextFragment === local.fragment) this.#nextFragment = null
    const answer = local.type === 'answer' ? local : remote
    for (const { mid, direction } of answer.sections) {
      const transceiver = this.#byMid(mid)
      if (transceiver !== undefined) {
        transceiver.currentDirection = local.type === 'answer' ? direction : reverse(direction)
      }
    }
    this.signalingState = 'stable'
  }

  #rollBack(): void {
    if (this.signalingState === 'stable') throw new DOMException('nothing to roll back', 'InvalidStateError')
    for (const undo of this.#undo) undo()
    this.#undo = []
    this.#pendingLocal = null
    this.#pendingRemote = null
    this.signalingState = 'stable'
  }

  // §4.7.3
  #updateNegotiationNeeded(): void {
    if (this.isClosed || this.#operations > 0 || this.signalingState !== 'stable') return
    if (!this.#mustNegotiate()) {
      this.#isNegotiationNeeded = false
      return
    }
    if (this.#isNegotiationNeeded) return
    this.#isNegotiationNeeded = true
    queueMicrotask(() => {
      if (this.isClosed || this.#operations > 0 || this.signalingState !== 'stable') {
        this.#isNegotiationNeeded = false
        return
      }
      if (!this.#mustNegotiate()) {
        this.#isNegotiationNeeded = false
        return
      }
      this.#isNegotiationNeeded = false
      this.onnegotiationneeded?.(null)
    })
  }

  #mustNegotiate(): boolean {
    if (this.#nextFragment !== null) return true
    const agreed = this.#agreed
    const hasApplication = agreed?.local.sections.some(({ kind }) => kind === 'application') ?? false
    if (this.channel !== null && !hasApplication) return true
    return this.#transceivers.some((transceiver) => {
      const local = agreed?.local.sections.find(({ mid }) => mid === transceiver.mid)
      const remote = agreed?.remote.sections.find(({ mid }) => mid === transceiver.mid)
      if (agreed === null || transceiver.mid === null || !local || !remote) return true
      if (agreed.local.type === 'answer') {
        return local.direction !== intersect(transceiver.direction, reverse(remote.direction))
      }
      return local.direction !== transceiver.direction && reverse(remote.direction) !== transceiver.direction
    })
  }

  #sections(direction: (transceiver: FakeTransceiver) => RTCRtpTransceiverDirection): FakeSection[] {
    const sections: FakeSection[] = this.#transceivers.map((transceiver) => ({
      kind: transceiver.kind,
      mid: transceiver.mid ?? '',
      direction: direction(transceiver),
    }))
    const known = this.#agreed?.local.sections.find(({ kind }) => kind === 'application')
    if (known !== undefined) sections.push(known)
    else if (this.channel !== null) sections.push({ kind: 'application', mid: 'data', direction: 'sendrecv' })
    return sections
  }

  get #fingerprint(): string {
    const [fingerprint] = this.configuration.certificates?.[0]?.getFingerprints() ?? []
    return `${fingerprint?.algorithm} ${fingerprint?.value}`
  }

  get #isFirefox(): boolean {
    return this.network.firefoxes.has(this.host)
  }

  #announcedFragment(): string | null {
    return (this.#pendingLocal ?? this.#agreed?.local)?.fragment ?? null
  }

  #byMid(mid: string): FakeTransceiver | undefined {
    return this.#transceivers.find((transceiver) => transceiver.mid === mid)
  }

  #freeMid(): string {
    while (this.#byMid(String(this.#nextMid)) !== undefined) this.#nextMid += 1
    return String(this.#nextMid)
  }
}

function describe(description: FakeDescription | null): DescriptionLike | null {
  return description === null ? null : { type: description.type, sdp: formatSdp(description) }
}
