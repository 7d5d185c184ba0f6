import { encodeBase64url } from '@crowfly/bytes'
import { type IceServer, type PairMessage, parseNameplate } from '@crowfly/signaling'
import { Agenda, type Alarm } from './agenda.ts'
import type { CallPlatform } from './call-platform.ts'
import { CallRecord } from './call-record.ts'
import { type Caller, Doorbell } from './doorbell.ts'
import { endOfRefusal } from './end-of-refusal.ts'
import type { NegotiationChannel } from './negotiation-channel.ts'
import { ownMedia, ownTracks } from './own-media.ts'
import type { PageEvent } from './page-events.ts'
import { PassBook } from './pass-book.ts'
import { Peer } from './peer.ts'
import { MAX_CHAT_LENGTH, MAX_NAME_LENGTH, type PeerMessage } from './peer-message.ts'
import { serverOrigin } from './server-origin.ts'
import { signalingChannel } from './signaling-channel.ts'
import { type LinkEvent, SignalingLink } from './signaling-link.ts'
import type { Call, CallSnapshot, CallStatus, EndReason, JoinOptions, MemberId } from './snapshot.ts'

const DEFAULT_RING_TIMEOUT_MS = 45_000

/** How often connected peers are looked at: how packets travel, and whether they do. */
const MEASURE_INTERVAL_MS = 2_000

/** Octets of a chat message's id. */
const CHAT_ID_BYTES = 16

const NO_PASS = new Uint8Array(0)

/**
 * A stay in one room: who is let in, and one `Peer` for each other member.
 *
 * A member that is alone rings for whoever comes. A newcomer offers to everyone present and calls until the first
 * reply; offers that reach it meanwhile wait for that, since it has no say yet. In a call everyone with the code
 * enters at once.
 */
export class RoomCall implements Call {
  readonly #options: JoinOptions
  readonly #platform: CallPlatform
  readonly #record: CallRecord
  readonly #agenda: Agenda
  readonly #ringAlarm: Alarm
  readonly #measureAlarm: Alarm
  readonly #doorbell = new Doorbell()
  readonly #peers = new Map<MemberId, Peer>()
  /** Members who have not answered the offer that opened the pairing. */
  readonly #awaited = new Set<MemberId>()
  /** Members who have said that they ring for us. */
  readonly #ringing = new Set<MemberId>()
  readonly #stops: (() => void)[] = []
  #link: SignalingLink | null = null
  #passes: PassBook | null = null
  #iceServers: readonly IceServer[] = []
  #name: string
  #failures = 0

  constructor(options: JoinOptions, platform: CallPlatform) {
    this.#options = options
    this.#platform = platform
    this.#name = options.name.slice(0, MAX_NAME_LENGTH)
    this.#agenda = new Agenda(platform.clock)
    this.#ringAlarm = this.#agenda.alarm(() => this.#end('noAnswer'))
    this.#measureAlarm = this.#agenda.alarm((now) => this.#measurePeers(now))
    this.#record = new CallRecord(platform.clock)
    this.#start()
  }

  readonly getSnapshot = (): CallSnapshot => this.#record.getSnapshot()

  readonly subscribe = (listener: () => void): (() => void) => this.#record.subscribe(listener)

  /** Operations that were rejected and messages that were garbage, since the start. */
  get failures(): number {
    return this.#failures
  }

  accept(id: MemberId): void {
    if (this.#record.status.phase !== 'waiting') return
    const caller = this.#doorbell.take(id)
    if (caller === null) return
    this.#record.forgetCall()
    this.#admit(caller)
  }

  decline(id: MemberId): void {
    if (this.#record.status.phase !== 'waiting' || this.#doorbell.take(id) === null) return
    this.#link?.send(id, { type: 'declined', reason: 'declined' })
    this.#publish()
  }

  sendChat(text: string): boolean {
    if (text === '' || text.length > MAX_CHAT_LENGTH) return false
    const idBytes = new Uint8Array(CHAT_ID_BYTES)
    this.#platform.random.fill(idBytes)
    const id = encodeBase64url(idBytes)
    const taken = this.#admittedPeers().filter((peer) => peer.send({ type: 'chat', id, text }))
    if (taken.length === 0) return false
    this.#record.addChat({ id, from: 'me', name: this.#name, text })
    return true
  }

  setName(name: string): void {
    this.#name = name.slice(0, MAX_NAME_LENGTH)
    this.#announce()
  }

  leave(): void {
    this.#passes?.forget()
    this.#end('left')
  }

  #start(): void {
    const { room, media, server } = this.#options
    const nameplate = room.kind === 'join' ? parseNameplate(room.code) : ''
    const misfit: EndReason | null =
      this.#platform.Connection === null ? 'webRtcMissing' : nameplate === null ? 'malformedCode' : null
    if (misfit !== null || nameplate === null) {
      this.#end(misfit ?? 'malformedCode')
      return
    }
    this.#link = new SignalingLink({
      server: serverOrigin(server, this.#platform.origin),
      Socket: this.#platform.Socket,
      agenda: this.#agenda,
      random: this.#platform.random,
      onEvent: (event) => this.#handleLinkEvent(event),
    })
    this.#stops.push(this.#platform.watchPage((event) => this.#handlePageEvent(event)))
    this.#stops.push(media.subscribe(() => this.#handleMediaChange()))
    this.#link.open(room.kind === 'join' ? { ...room, nameplate } : { kind: 'create' })
  }

  // What the session says

  #handleLinkEvent(event: LinkEvent): void {
    switch (event.type) {
      case 'joined':
        this.#handleJoined(event.nameplate, event.members, event.iceServers)
        break
      case 'refused':
        this.#end(endOfRefusal[event.code], event.retryAfterMs)
        break
      case 'unreachable':
        if (this.#record.status.phase === 'connecting') this.#end('serverUnreachable')
        break
      case 'memberJoined':
        this.#handleMemberJoined(event.member, event.isNewcomer)
        break
      case 'memberLeft':
        this.#handleMemberLeft(event.member, event.reason)
        break
      case 'memberAway':
      case 'memberBack':
        this.#peers.get(event.member)?.setAway(event.type === 'memberAway')
        break
      case 'connectionLost':
        this.#record.update({ server: 'reconnecting' })
        this.#record.note(event.isServerStopping ? 'serverStopping' : 'serverLost')
        break
      case 'connectionRestored':
        this.#record.update({ server: 'online' })
        for (const peer of this.#peers.values()) peer.handleSignalingRestored(this.#agenda.now())
        this.#record.note('serverBack')
        break
      case 'message':
        this.#handleMessage(event.from, event.message)
        break
    }
  }

  #handleJoined(nameplate: string, members: readonly MemberId[], iceServers: readonly IceServer[]): void {
    this.#record.update({ server: 'online', code: nameplate, selfId: this.#link?.memberId ?? null })
    this.#iceServers = iceServers
    this.#passes = new PassBook(this.#platform.passStorage, nameplate, this.#platform.random)
    if (members.length === 0) {
      this.#enter({ phase: 'waiting', alone: 'first' })
      return
    }
    this.#beginCalling()
    for (const member of members) this.#call(member)
  }

  #handleMemberJoined(member: MemberId, isNewcomer: boolean): void {
    const peer = this.#peers.get(member)
    // One of us was given up by the server meanwhile. Where media still flows, nothing was lost by it.
    if (isNewcomer || peer?.isConnected) {
      peer?.handleReturned()
      return
    }
    this.#callAnew(member)
  }

  #handleMemberLeft(member: MemberId, reason: 'left' | 'expired'): void {
    const caller = this.#doorbell.take(member)
    if (caller !== null && this.#record.status.phase === 'waiting') {
      this.#record.note('missedCall', caller.snapshot.name)
      this.#publish()
    }
    const peer = this.#peers.get(member)
    if (peer?.isAdmitted && reason === 'expired') peer.handleExpired()
    else this.#remove(member)
  }

  #handleMessage(from: MemberId, message: PairMessage): void {
    switch (message.type) {
      case 'open':
        this.#handleOpen(from, message)
        break
      case 'ringing':
        this.#handleRinging(from)
        break
      case 'declined':
        this.#handleDeclined(from, message.reason)
        break
      case 'reply':
        this.#handleReply(from, message)
        break
      case 'description':
        this.#peers.get(from)?.handleDescription(message)
        break
      case 'candidates':
        this.#doorbell.handleCandidates(from, message.candidates)
        this.#peers.get(from)?.handleCandidates(message.candidates)
        break
    }
  }

  // A member alone under a code rings; once two are in, newcomers with the code enter at once

  #handleOpen(from: MemberId, open: Extract<PairMessage, { type: 'open' }>): void {
    const name = open.name.slice(0, MAX_NAME_LENGTH)
    const sinceMs = this.#platform.clock.wallTime()
    const caller: Caller = { snapshot: { id: from, name, sinceMs }, sdp: open.sdp, candidates: [] }
    // Whoever opens anew has lost the connection that was.
    const replaced = this.#drop(from)
    const { phase } = this.#record.status
    if (phase === 'inCall' || (phase === 'waiting' && this.#passes?.honours(open.pass))) {
      this.#admit(caller, replaced)
    } else if (!this.#doorbell.add(caller)) {
      this.#link?.send(from, { type: 'declined', reason: 'busy' })
    } else if (phase === 'waiting') {
      this.#ring(from, name)
    }
  }

  #handleRinging(from: MemberId): void {
    if (!this.#peers.has(from) || this.#record.status.phase !== 'calling') return
    this.#ringing.add(from)
    this.#enter({ ...this.#record.status, ringing: true })
  }

  /** The newcomer of two makes the offer. `busy`, to a member who is in, asks for another one. */
  #askToOpen(member: MemberId): void {
    this.#link?.send(member, { type: 'declined', reason: 'busy' })
  }

  #handleDeclined(from: MemberId, reason: 'declined' | 'busy'): void {
    const peer = this.#peers.get(from)
    if (peer === undefined) return
    if (!this.#awaited.has(from)) {
      this.#callAnew(from)
    } else if (peer.isAdmitted) {
      // Their wish for an offer may have crossed ours.
      if (reason === 'declined') this.#remove(from)
    } else {
      this.#ringing.delete(from)
      this.#drop(from)
      // Another one may still be ringing. Those who have not been let in themselves can not let anybody in.
      if (this.#record.status.phase === 'calling' && this.#ringing.size === 0) this.#end('declined')
    }
  }

  #handleReply(from: MemberId, reply: Extract<PairMessage, { type: 'reply' }>): void {
    const peer = this.#peers.get(from)
    if (peer === undefined || !this.#awaited.delete(from)) return
    const wasAdmitted = peer.isAdmitted
    this.#passes?.keep(from, reply.pass)
    peer.admit(reply.name.slice(0, MAX_NAME_LENGTH))
    peer.handleDescription({ kind: 'answer', sdp: reply.sdp })
    if (!wasAdmitted) this.#handleAdmitted(peer)
  }

  #ring(id: MemberId, name: string): void {
    this.#link?.send(id, { type: 'ringing' })
    if (this.#record.hasMissed(name)) this.#record.note('callAgain', name)
    this.#publish()
  }

  /** Makes the connection to a member who was there before, and offers. */
  #call(member: MemberId, replaced: Peer | null = null): Peer | null {
    this.#awaited.add(member)
    const channel = signalingChannel(
      (message) => void this.#link?.send(member, message),
      (sdp) => ({ type: 'open', name: this.#name, pass: this.#passes?.passFor(member) ?? NO_PASS, sdp }),
    )
    return this.#createPeer(member, true, channel, replaced)
  }

  /** From the beginning with a member who was here: the pass, if there is one, spares the ringing. */
  #callAnew(member: MemberId): void {
    const replaced = this.#drop(member)
    const peer = this.#call(member, replaced)
    // Who is in stays in the picture meanwhile.
    if (replaced?.isAdmitted) peer?.admit(replaced.snapshot.name)
    else if (this.#admittedPeers().length === 0) this.#beginCalling()
  }

  /** Makes the connection to a newcomer, and answers. */
  #admit({ snapshot: { id, name }, sdp, candidates }: Caller, replaced: Peer | null = null): void {
    const channel = signalingChannel(
      (message) => void this.#link?.send(id, message),
      (answer) => ({
        type: 'reply',
        name: this.#name,
        pass: this.#passes?.issue(id) ?? NO_PASS,
        sdp: answer,
      }),
    )
    const peer = this.#createPeer(id, false, channel, replaced)
    if (peer === null) return
    peer.admit(name)
    peer.handleDescription({ kind: 'offer', sdp })
    peer.handleCandidates(candidates)
    if (!replaced?.isAdmitted) this.#handleAdmitted(peer)
  }

  /** Restarting ICE does not help: a new connection, if the other side can be told. */
  #rebuild(id: MemberId, isNewcomerHere: boolean): boolean {
    if (this.getSnapshot().server !== 'online' || this.#peers.get(id)?.snapshot.isAway !== false) return false
    if (isNewcomerHere) this.#callAnew(id)
    else this.#askToOpen(id)
    return isNewcomerHere
  }

  #createPeer(
    id: MemberId,
    isNewcomerHere: boolean,
    channel: NegotiationChannel,
    replaced: Peer | null,
  ): Peer | null {
    const { Connection, createStream } = this.#platform
    if (Connection === null) return null
    try {
      const peer: Peer = new Peer({
        id,
        isNewcomerHere,
        Connection,
        createStream,
        iceServers: this.#iceServers,
        agenda: this.#agenda,
        channel,
        tracks: ownTracks(this.#options.media.getSnapshot()),
        replaced: replaced?.isAdmitted ? replaced : null,
        onChange: () => this.#publish(),
        onChannelOpen: () => void peer.send(this.#stateMessage()),
        onMessage: (message) => this.#handlePeerMessage(peer, message),
        onGone: () => this.#remove(id),
        onStuck: () => this.#rebuild(id, isNewcomerHere),
        onFailure: () => {
          this.#failures += 1
        },
      })
      this.#peers.set(id, peer)
      return peer
    } catch {
      // A policy can forbid connections where the constructor is there.
      this.#end('webRtcMissing')
      return null
    }
  }

  #handleAdmitted(peer: Peer): void {
    this.#ringAlarm.clear()
    this.#ringing.clear()
    this.#measureAlarm.set(this.#agenda.now() + MEASURE_INTERVAL_MS)
    if (this.#record.status.phase !== 'inCall') {
      this.#enter({ phase: 'inCall', sinceMs: this.#record.callSinceMs() })
    }
    this.#record.note('peerJoined', peer.snapshot.name)
    // Two are in: whoever waited for this side's word enters now.
    const next = this.#doorbell.takeFirst()
    if (next !== null) this.#admit(next)
  }

  /** Closes without a word in the call: it never was in it, or comes back at once. */
  #drop(id: MemberId): Peer | null {
    const peer = this.#peers.get(id) ?? null
    peer?.close()
    this.#awaited.delete(id)
    this.#peers.delete(id)
    return peer
  }

  #remove(id: MemberId): void {
    const peer = this.#drop(id)
    if (peer === null) return
    this.#ringing.delete(id)
    if (peer.isAdmitted) this.#record.note('peerLeft', peer.snapshot.name)
    this.#publish()
    if (this.#record.status.phase === 'inCall' && this.#admittedPeers().length === 0) {
      if (this.#peers.size > 0) this.#beginCalling()
      else this.#waitAlone('left')
    } else if (this.#record.status.phase === 'calling' && this.#peers.size === 0) this.#handleAllGone()
  }

  /** Everyone whom this side called has gone before an answer. */
  #handleAllGone(): void {
    const { room } = this.#options
    if (this.#doorbell.size === 0 && room.kind === 'join' && room.ifEmpty === 'refuse') {
      this.#end('nobodyThere')
    } else this.#waitAlone('first')
  }

  #beginCalling(): void {
    this.#ringAlarm.set(this.#agenda.now() + (this.#options.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS))
    this.#enter({ phase: 'calling', sinceMs: this.#platform.clock.wallTime(), ringing: false })
  }

  /** Alone now: those who waited for this side's own admission ring here. */
  #waitAlone(alone: 'first' | 'left'): void {
    this.#ringAlarm.clear()
    this.#measureAlarm.clear()
    this.#enter({ phase: 'waiting', alone })
    for (const { id, name } of this.#doorbell.callers()) this.#ring(id, name)
  }

  #end(reason: EndReason, retryAfterMs?: number): void {
    if (this.#record.status.phase === 'ended') return
    const delay = retryAfterMs === undefined ? {} : { retryAfterMs }
    this.#record.update({ status: { phase: 'ended', reason, ...delay } })
    for (const stop of this.#stops) stop()
    for (const peer of this.#peers.values()) peer.leave()
    this.#peers.clear()
    this.#doorbell.clear()
    this.#link?.leave()
    this.#agenda.close()
    this.#publish()
  }

  // What peers, page and media say

  #handlePeerMessage(peer: Peer, message: PeerMessage): void {
    if (!peer.isAdmitted || this.#peers.get(peer.id) !== peer) return
    if (message.type === 'leave') this.#remove(peer.id)
    if (message.type !== 'chat') return
    const { id, text } = message
    const { name } = peer.snapshot
    this.#record.addChat({ id, from: peer.id, name, text })
  }

  #handlePageEvent(event: PageEvent): void {
    // Leaving by a reload keeps the passes: the page comes back without ringing.
    if (event === 'leaving') this.#end('left')
    else this.#link?.handleNetworkChange()
    if (event !== 'networkChanged') return
    for (const peer of this.#peers.values()) peer.handleNetworkChange(this.#agenda.now())
  }

  #handleMediaChange(): void {
    const tracks = ownTracks(this.#options.media.getSnapshot())
    for (const peer of this.#peers.values()) peer.setTracks(tracks)
    this.#announce()
  }

  #announce(): void {
    const state = this.#stateMessage()
    for (const peer of this.#admittedPeers()) peer.send(state)
  }

  #measurePeers(now: number): void {
    for (const peer of this.#admittedPeers()) void peer.measure()
    this.#measureAlarm.set(now + MEASURE_INTERVAL_MS)
  }

  #stateMessage(): PeerMessage {
    return { type: 'state', name: this.#name, media: ownMedia(this.#options.media.getSnapshot()) }
  }

  #admittedPeers(): readonly Peer[] {
    return [...this.#peers.values()].filter((peer) => peer.isAdmitted)
  }

  // Snapshots

  #enter(status: CallStatus): void {
    this.#record.enter(status)
    this.#publish()
  }

  #publish(): void {
    const isRinging = this.#record.status.phase === 'waiting'
    const peers = this.#admittedPeers()
    for (const peer of peers) peer.setAudience(peers.length)
    this.#record.showPeople(
      isRinging ? this.#doorbell.callers() : [],
      peers.map((peer) => peer.snapshot),
    )
  }
}
