import type { Pairing } from '@crowfly/pairing'
import type { Millis } from '@crowfly/sansio'
import type { IceServer } from '@crowfly/signaling'
import type { Agenda, Alarm } from './agenda.ts'
import { IceRecovery } from './ice-recovery.ts'
import { createPeerStreams, type LocalTracks, MediaSlots, type PeerStreams } from './media-slots.ts'
import { MediaWatch } from './media-watch.ts'
import type { Candidate, Description, NegotiationChannel } from './negotiation-channel.ts'
import { Negotiator } from './negotiator.ts'
import { PeerChannel } from './peer-channel.ts'
import type { PeerConnection, PeerConnectionConstructor } from './peer-connection.ts'
import type { PeerMessage } from './peer-message.ts'
import { findPeerPath } from './peer-path.ts'
import { PeerProof } from './peer-proof.ts'
import type { MemberId, PeerConnectionStatus, PeerMedia, PeerPath, PeerSnapshot } from './snapshot.ts'

/** A first connection that takes longer than this is called failed; the tries go on. */
const CONNECT_TIMEOUT_MS = 20_000

/** How long a newcomer is given to restart ICE before the member that was there does. */
const HEAD_START_MS = 1_500

/** How long a peer that the server has given up may be without media before it is gone here too. */
const EXPIRED_GRACE_MS = 15_000

/** The newest texts that are said again on a connection that replaces another; who had them drops them by their ids. */
const REPEATED_TEXTS = 20

export interface PeerOptions {
  readonly id: MemberId
  /** Tells this connection from those that were between the two before. */
  readonly attempt: number
  /** The newcomer of the two makes the first offer and is the polite one. */
  readonly isNewcomerHere: boolean
  readonly Connection: PeerConnectionConstructor
  readonly createStream: () => MediaStream
  readonly iceServers: readonly IceServer[]
  /** One for all connections of a call, so that a pairing sees one only. */
  readonly certificate: RTCCertificate
  /** What a proof is worth: `code` where it needs a code to be known. */
  readonly proves: 'code' | 'server'
  /** The pairing with this member, as soon as there is one. */
  readonly findPairing: () => Pairing | undefined
  readonly agenda: Agenda
  readonly channel: NegotiationChannel
  readonly tracks: LocalTracks
  /** The peer whose place this one takes: a new connection, while streams and all that is known go on. */
  readonly replaced: Peer | null
  /** The snapshot is a new one. */
  readonly onChange: () => void
  readonly onChannelOpen: () => void
  readonly onMessage: (message: PeerMessage) => void
  /** The server has given the member up and media has stopped for good. */
  readonly onGone: () => void
  /** Restarts of ICE do not help. True when this peer is replaced, or will be when the other side has heard of it. */
  readonly onStuck: () => boolean
  /** The other end of the connection is not, or does not show to be, whom the code was proved to. */
  readonly onUnproven: () => void
  /** Something was rejected or malformed; counted, never fatal. */
  readonly onFailure: (error: unknown) => void
}

/** One other member: the connection to it, its streams, and what it says of itself. */
export class Peer {
  readonly id: MemberId
  readonly attempt: number
  readonly isNewcomerHere: boolean
  readonly #options: PeerOptions
  readonly #connection: PeerConnection
  readonly #negotiator: Negotiator
  readonly #channel: PeerChannel
  readonly #recovery: IceRecovery
  readonly #recoveryAlarm: Alarm
  readonly #connectAlarm: Alarm
  readonly #goneAlarm: Alarm
  readonly #streams: PeerStreams
  readonly #slots: MediaSlots
  readonly #mediaWatch: MediaWatch
  readonly #proof: PeerProof
  #isProven = false
  /** Media neither goes nor shows: the proof is overdue, on this connection or on the one before. */
  #isHeld = false
  /** The pairing whose emoji were compared. */
  #verified: Pairing | undefined
  #texts: readonly PeerMessage[]
  #snapshot: PeerSnapshot
  #isAdmitted = false
  #isExpired = false
  #isFading = false
  #hasStood: boolean
  #isTooLate = false
  #isClosed = false

  /** Throws what the connection's constructor throws. */
  constructor(options: PeerOptions) {
    this.id = options.id
    this.attempt = options.attempt
    this.isNewcomerHere = options.isNewcomerHere
    this.#options = options
    const { replaced } = options
    this.#texts = replaced === null ? [] : replaced.#texts
    this.#hasStood = replaced === null ? false : replaced.#hasStood
    this.#recovery =
      replaced === null ? new IceRecovery(options.isNewcomerHere ? 0 : HEAD_START_MS) : replaced.#recovery
    this.#mediaWatch = replaced === null ? new MediaWatch() : replaced.#mediaWatch
    this.#proof = new PeerProof(options.findPairing)
    this.#verified = replaced === null ? undefined : replaced.#verified
    this.#connection = new options.Connection(configurationOf(options.iceServers, options.certificate))
    this.#streams = replaced === null ? createPeerStreams(options.createStream) : replaced.#streams
    this.#snapshot = { ...(replaced?.snapshot ?? this.#initialSnapshot()), trust: 'pending', emoji: [] }
    this.#slots = new MediaSlots({
      connection: this.#connection,
      streams: this.#streams,
      tracks: options.tracks,
      onFailure: options.onFailure,
    })
    this.#recoveryAlarm = options.agenda.alarm((now) => this.#recover(now))
    this.#connectAlarm = options.agenda.alarm(() => {
      this.#isTooLate = true
      this.#update({})
    })
    this.#goneAlarm = options.agenda.alarm(() => options.onGone())
    this.#channel = new PeerChannel({
      channel: this.#connection.createDataChannel('crowfly', { negotiated: true, id: 0, ordered: true }),
      agenda: options.agenda,
      proof: this.#proof,
      onProven: () => this.#handleProven(),
      onUnproven: options.onUnproven,
      onProofMissing: () => this.#handleProofMissing(),
      onOpen: options.onChannelOpen,
      onMessage: (message) => this.#handleMessage(message),
      onFailure: options.onFailure,
    })
    this.#negotiator = new Negotiator({
      connection: this.#connection,
      channel: this.#provenChannel(options.channel),
      agenda: options.agenda,
      isPolite: options.isNewcomerHere,
      offersFirst: options.isNewcomerHere,
      prepareAnswer: () => this.#slots.adopt(),
      onFailure: options.onFailure,
    })
    this.#connection.oniceconnectionstatechange = () => this.#handleIceState()
    this.#connection.onconnectionstatechange = () => {
      this.#handleIceState()
      this.#handleConnectionState()
    }
    this.#recoveryAlarm.set(this.#recovery.pollTimeout())
    this.#hold(replaced === null ? false : replaced.#isHeld)
    for (const text of this.#texts) this.#channel.send(text)
    if (options.isNewcomerHere) this.#slots.add()
  }

  get snapshot(): PeerSnapshot {
    return this.#snapshot
  }

  /** Both sides agreed to be in the call. Before that only the newcomer's connection exists, and is not shown. */
  get isAdmitted(): boolean {
    return this.#isAdmitted
  }

  get isConnected(): boolean {
    return this.#connection.connectionState === 'connected'
  }

  admit(name: string): void {
    this.#isAdmitted = true
    this.#connectAlarm.set(this.#options.agenda.now() + CONNECT_TIMEOUT_MS)
    this.#update({ name })
  }

  /** Takes a description of the other side's; one of another certificate ends the connection. */
  handleDescription(description: Description): void {
    if (this.#proof.takePeer(description.sdp)) this.#negotiator.handleDescription(description)
    else this.#options.onUnproven()
  }

  /** The person has compared the emoji, or takes that back. Holds for this pairing only. */
  setVerified(isVerified: boolean): void {
    this.#verified = isVerified ? this.#proof.pairing : undefined
    this.#update({})
  }

  handleCandidates(candidates: readonly Candidate[]): void {
    this.#negotiator.handleCandidates(candidates)
  }

  /** Sends these from now on, without renegotiation. */
  setTracks(tracks: LocalTracks): void {
    this.#slots.setTracks(tracks)
  }

  /** Says to how many people the camera goes, this one included: the more, the smaller the picture for each. */
  setAudience(count: number): void {
    this.#slots.setAudience(count)
  }

  /** False when it can be neither sent nor kept for later. */
  send(message: PeerMessage): boolean {
    if (message.type === 'chat') this.#texts = [...this.#texts, message].slice(-REPEATED_TEXTS)
    return this.#channel.send(message)
  }

  setAway(isAway: boolean): void {
    this.#update({ isAway })
    if (!isAway) this.handleSignalingRestored(this.#options.agenda.now())
  }

  /** Takes these from the next ICE restart on, whoever makes it: until then nothing is disturbed. */
  setIceServers(iceServers: readonly IceServer[]): void {
    try {
      // With the certificate too: browsers take its absence for another one.
      this.#connection.setConfiguration(configurationOf(iceServers, this.#options.certificate))
    } catch (error) {
      this.#options.onFailure(error)
    }
  }

  /** The server has given the member up; it stays here as long as its media flows. */
  handleExpired(): void {
    this.#isExpired = true
    this.#update({ isAway: true })
    this.#watchExpiry()
  }

  /** The server knows the member again. */
  handleReturned(): void {
    this.#isExpired = false
    this.#watchExpiry()
    this.#update({ isAway: false })
  }

  handleNetworkChange(now: Millis): void {
    this.#recovery.handleNetworkChange(now)
    this.#recover(now)
  }

  handleSignalingRestored(now: Millis): void {
    this.#recovery.handleSignalingRestored(now)
    this.#recover(now)
  }

  /**
   * Looks up how packets travel, and whether they do. Resolves when the snapshot says so; never rejects. To be
   * called every few seconds.
   */
  async measure(): Promise<void> {
    if (!this.isConnected) {
      this.#mediaWatch.pause(this.#options.agenda.now())
      return
    }
    try {
      const report = await this.#connection.getStats()
      if (this.#isClosed) return
      const path = findPeerPath(report)
      if (!isSamePath(path, this.#snapshot.path)) this.#update({ path })
      const { microphone, camera } = this.#snapshot.media
      const isPeerSending = microphone === 'on' || camera === 'on'
      const now = this.#options.agenda.now()
      if (this.#mediaWatch.handleStats(report, isPeerSending, now)) this.#mend('rebuild')
    } catch (error) {
      if (!this.#isClosed) this.#options.onFailure(error)
    }
  }

  /** Says that this side leaves, where the channel stands, and closes. Final. */
  leave(): void {
    if (this.#isAdmitted) this.#channel.send({ type: 'leave' })
    this.close()
  }

  /** Closes the connection without a word. Final. */
  close(): void {
    this.#isClosed = true
    this.#channel.close()
    this.#negotiator.close()
    this.#slots.close()
    for (const alarm of [this.#recoveryAlarm, this.#connectAlarm, this.#goneAlarm]) alarm.clear()
    this.#connection.oniceconnectionstatechange = null
    this.#connection.onconnectionstatechange = null
    this.#connection.close()
  }

  /** Descriptions leave only with the certificate that the pairing is about. */
  #provenChannel(channel: NegotiationChannel): NegotiationChannel {
    return {
      sendCandidates: (candidates) => channel.sendCandidates(candidates),
      sendDescription: (description) => {
        if (this.#proof.takeOwn(description.sdp)) channel.sendDescription(description)
        else this.#options.onUnproven()
      },
    }
  }

  #handleProven(): void {
    this.#isProven = true
    this.#hold(false)
    this.#update({})
  }

  /** Whoever is there does not get or show a picture; a path that died in this moment is mended. */
  #handleProofMissing(): void {
    this.#hold(true)
    this.#mend('rebuild')
  }

  #hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return
    this.#isHeld = isHeld
    this.#slots.setHeld(isHeld)
  }

  #trust(): PeerSnapshot['trust'] {
    if (!this.#isProven) return 'pending'
    return this.#verified !== undefined && this.#verified === this.#proof.pairing
      ? 'verified'
      : this.#options.proves
  }

  #handleMessage(message: PeerMessage): void {
    if (message.type === 'state') this.#update({ name: message.name, media: message.media })
    this.#options.onMessage(message)
  }

  #handleIceState(): void {
    const now = this.#options.agenda.now()
    const { connectionState, iceConnectionState } = this.#connection
    // Firefox goes on saying that ICE is checking when the connection has failed.
    this.#recovery.handleState(connectionState === 'failed' ? 'failed' : iceConnectionState, now)
    this.#recover(now)
  }

  #handleConnectionState(): void {
    this.#channel.setConnected(this.isConnected)
    if (this.isConnected) {
      this.#hasStood = true
      this.#connectAlarm.clear()
      this.#slots.scaleCamera()
      void this.measure()
    }
    this.#watchExpiry()
    this.#update({})
  }

  #recover(now: Millis): void {
    const action = this.#recovery.handleTimeout(now)
    if (action !== null) this.#mend(action)
    if (!this.#isClosed) this.#recoveryAlarm.set(this.#recovery.pollTimeout())
  }

  #mend(action: 'restart' | 'rebuild'): void {
    const mayRestart = !this.#hasStood || this.#negotiator.canRestartIce
    const mustReplace = this.#hasStood && (action === 'rebuild' || !mayRestart)
    // An offer to restart would cross the one that a replacement begins with.
    if (mustReplace && this.#options.onStuck()) return
    // Where a restart is of no use, another try follows once the other side can be reached.
    if (mayRestart) this.#negotiator.restartIce()
  }

  #watchExpiry(): void {
    const isFading = this.#isExpired && !this.isConnected
    if (isFading === this.#isFading) return
    this.#isFading = isFading
    this.#goneAlarm.set(isFading ? this.#options.agenda.now() + EXPIRED_GRACE_MS : Infinity)
  }

  #status(): PeerConnectionStatus {
    if (this.isConnected) return 'connected'
    if (this.#hasStood) return 'reconnecting'
    return this.#isTooLate ? 'failed' : 'connecting'
  }

  #update(changes: Partial<PeerSnapshot>): void {
    const connection = this.#status()
    // Without a connection there is no path to speak of.
    const path = connection === 'connected' ? this.#snapshot.path : null
    const emoji = this.#isProven ? this.#proof.emoji : []
    this.#snapshot = { ...this.#snapshot, connection, path, trust: this.#trust(), emoji, ...changes }
    if (!this.#isClosed) this.#options.onChange()
  }

  #initialSnapshot(): PeerSnapshot {
    const media: PeerMedia = { microphone: 'none', camera: 'none', screen: 'off' }
    return {
      id: this.id,
      name: '',
      connection: 'connecting',
      path: null,
      media,
      trust: 'pending',
      emoji: [],
      isAway: false,
      audio: this.#streams.microphone,
      camera: this.#streams.camera,
      screen: this.#streams.screen,
    }
  }
}

function configurationOf(iceServers: readonly IceServer[], certificate: RTCCertificate): RTCConfiguration {
  return {
    certificates: [certificate],
    bundlePolicy: 'max-bundle',
    iceServers: iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
  }
}

function isSamePath(a: PeerPath | null, b: PeerPath | null): boolean {
  return a?.kind === b?.kind && a?.rttMs === b?.rttMs && a?.isLocal === b?.isLocal
}
