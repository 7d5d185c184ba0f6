/**
 * The W3C shape that the call needs of an RTCPeerConnection: the browser's own, or one for Node.js.
 * Named members only, so that an implementation or a test double need not bring the whole interface.
 */
export interface PeerConnection {
  readonly signalingState: RTCSignalingState
  readonly iceConnectionState: RTCIceConnectionState
  readonly connectionState: RTCPeerConnectionState
  readonly localDescription: DescriptionLike | null
  readonly remoteDescription: DescriptionLike | null
  onnegotiationneeded: Handler<unknown> | null
  onicecandidate: Handler<{ readonly candidate: CandidateLike | null }> | null
  oniceconnectionstatechange: Handler<unknown> | null
  onconnectionstatechange: Handler<unknown> | null
  addTransceiver(kind: 'audio' | 'video', init: { direction: 'sendrecv' }): Transceiver
  getTransceivers(): Transceiver[]
  createDataChannel(label: string, init: RTCDataChannelInit): DataChannel
  setLocalDescription(description?: { type: 'rollback' }): Promise<void>
  setRemoteDescription(description: { type: 'offer' | 'answer'; sdp: string }): Promise<void>
  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void>
  restartIce(): void
  setConfiguration(configuration: RTCConfiguration): void
  getStats(): Promise<StatsReport>
  close(): void
}

export type PeerConnectionConstructor = new (configuration: RTCConfiguration) => PeerConnection

/** An event handler property, written as a method so that the DOM's narrower event types fit. */
export type Handler<Event> = { handle(event: Event): void }['handle']

export interface DescriptionLike {
  readonly type: RTCSdpType
  readonly sdp: string
}

export interface CandidateLike {
  readonly candidate: string
  readonly sdpMid: string | null
  readonly sdpMLineIndex: number | null
  readonly usernameFragment: string | null
}

export interface Transceiver {
  readonly mid: string | null
  direction: RTCRtpTransceiverDirection
  readonly sender: Sender
  readonly receiver: { readonly track: MediaStreamTrack }
}

export interface Sender {
  replaceTrack(track: MediaStreamTrack | null): Promise<void>
  getParameters(): RTCRtpSendParameters
  setParameters(parameters: RTCRtpSendParameters): Promise<void>
}

export interface DataChannel {
  binaryType: BinaryType
  readonly readyState: RTCDataChannelState
  onopen: Handler<unknown> | null
  onmessage: Handler<{ readonly data: unknown }> | null
  onclose: Handler<unknown> | null
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
}

export interface StatsReport {
  forEach(each: (report: unknown) => void): void
}
