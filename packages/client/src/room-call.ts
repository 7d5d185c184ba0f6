import { encodeBase64url } from '@crowfly/bytes'
import { type IceServer, type PairMessage, parseNameplate } from '@crowfly/signaling'
import { Agenda, type Alarm } from './agenda.ts'
import type { CallPlatform } from './call-platform.ts'
import { CallRecord } from './call-record.ts'
import { type Caller, Doorbell } from './doorbell.ts'
import { endOfRefusal } from './end-of-refusal.ts'
import { ownMedia, ownTracks } from './own-media.ts'
import type { PageEvent } from './page-events.ts'
import { PassBook } from './pass-book.ts'
import { Peer } from './peer.ts'
import { MAX_CHAT_LENGTH, MAX_NAME_LENGTH, type PeerMessage } from './peer-message.ts'
import { Roster } from './roster.ts'
import { serverOrigin } from './server-origin.ts'
import { type FirstMessage, signalingChannel } from './signaling-channel.ts'
import { type LinkEvent, SignalingLink } from './signaling-link.ts'
import type { Call, CallSnapshot, CallStatus, EndReason, JoinOptions, MemberId } from './snapshot.ts'

const DEFAULT_RING_TIMEOUT_MS = 45_000

/** How often connected peers are looked at: how packets travel, and whether they do. */
const MEASURE_INTERVAL_MS = 2_000

/** Octets of a chat message's id. */
const CHAT_ID_BYTES = 16

const NO_PASS = new Uint8Array(0)

interface NewPeer {
  readonly id: MemberId
  readonly attempt: number
  readonly isNewcomerHere: boolean
  readonly replaced: Peer | null
  /** What carries the first description: `open` or `reply`. */
  readonly firstMessage: (facts: { attempt: number; name: string; sdp: string }) => FirstMessage
}

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
  readonly #roster = new Roster()
  /** Members who have not answered the offer that opened the pairing. */
  readonly #awaited = new Set<MemberId>()
  /** Members who have said that they ring for us. */
  readonly #ringing = new Set<MemberId>()
  readonly #stops: (() => void)[] = []
  #link: SignalingLink | null = null
  #passes: PassBook | null = null
  #iceServers: readonly IceServer[] = []
  #name: string
  /** Offers that this side has opened a connection with. */
  #attempts = 0
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
    if (this.#record.status.phase !== 'waiting') return
    const caller = this.#doorbell.take(id)
    if (caller === null) return
    this.#link?.send(id, { type: 'declined', attempt: caller.attempt, reason: 'declined' })
    this.#publish()
  }

  sendChat(text: string): boolean {
    if (text === '' || text.length > MAX_CHAT_LENGTH) return false
    const idBytes = new Uint8Array(CHAT_ID_BYTES)
    this.#platform.random.fill(idBytes)
    const id = encodeBase64url(idBytes)
    if (!this.#roster.send({ type: 'chat', id, text })) return false
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
      case 'iceServersChanged':
        this.#iceServers = event.iceServers
        this.#roster.setIceServers(event.iceServers)
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
        this.#roster.get(event.member)?.setAway(event.type === 'memberAway')
        break
      case 'connectionLost':
        this.#record.update({ server: 'reconnecting' })
        this.#record.note(event.isServerStopping ? 'serverStopping' : 'serverLost')
        break
      case 'connectionRestored':
        this.#record.update({ server: 'online' })
        this.#roster.handleSignalingRestored(this.#agenda.now())
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
    const peer = this.#roster.get(member)
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
    const peer = this.#roster.get(member)
    if (peer?.isAdmitted && reason === 'expired') peer.handleExpired()
    else this.#remove(member)
  }

  #handleMessage(from: MemberId, message: PairMessage): void {
    if (message.type === 'open') {
      this.#handleOpen(from, message)
      return
    }
    if (message.type === 'candidates') {
      this.#doorbell.handleCandidates(from, message.attempt, message.candidates)
    }
    const peer = this.#roster.get(from)
    // A word of a connection that has been replaced meanwhile.
    if (peer?.attempt !== message.attempt) return
    switch (message.type) {
      case 'ringing':
        this.#handleRinging(peer)
        break
      case 'declined':
        this.#handleDeclined(peer)
        break
      case 'reply':
        this.#handleReply(peer, message)
        break
      case 'description':
        peer.handleDescription(message)
        break
      case 'candidates':
        peer.handleCandidates(message.candidates)
        break
      case 'renew':
        if (peer.isNewcomerHere && peer.isAdmitted) this.#callAnew(from)
        break
    }
  }

  // A member alone under a code rings; once two are in, newcomers with the code enter at once

  #handleOpen(from: MemberId, open: Extract<PairMessage, { type: 'open' }>): void {
    const name = open.name.slice(0, MAX_NAME_LENGTH)
    const sinceMs = this.#platform.clock.wallTime()
    const { attempt, sdp } = open
    const caller: Caller = { snapshot: { id: from, name, sinceMs }, attempt, sdp, candidates: [] }
    // Whoever opens anew has lost the connection that was.
    const replaced = this.#drop(from)
    const { phase } = this.#record.status
    if (phase === 'inCall' || (phase === 'waiting' && this.#passes?.honours(open.pass))) {
      this.#admit(caller, replaced)
    } else if (!this.#doorbell.add(caller)) {
      this.#link?.send(from, { type: 'declined', attempt, reason: 'busy' })
    } else if (phase === 'waiting') {
      this.#ring(caller)
    }
  }

  #handleRinging({ id }: Peer): void {
    if (this.#record.status.phase !== 'calling') return
    this.#ringing.add(id)
    this.#enter({ ...this.#record.status, ringing: true })
  }

  #handleDeclined(peer: Peer): void {
    const { id } = peer
    if (!this.#awaited.has(id)) return
    if (peer.isAdmitted) {
      this.#remove(id)
      return
    }
    this.#ringing.delete(id)
    this.#drop(id)
    // Another one may still be ringing. Those who have not been let in themselves can not let anybody in.
    if (this.#record.status.phase === 'calling' && this.#ringing.size === 0) this.#end('declined')
  }

  #handleReply(peer: Peer, reply: Extract<PairMessage, { type: 'reply' }>): void {
    if (!this.#awaited.delete(peer.id)) return
    const wasAdmitted = peer.isAdmitted
    this.#passes?.keep(peer.id, reply.pass)
    peer.admit(reply.name.slice(0, MAX_NAME_LENGTH))
    peer.handleDescription({ kind: 'answer', sdp: reply.sdp })
    if (!wasAdmitted) this.#handleAdmitted(peer)
  }

  #ring({ attempt, snapshot: { id, name } }: Caller): void {
    this.#link?.send(id, { type: 'ringing', attempt })
    if (this.#record.hasMissed(name)) this.#record.note('callAgain', name)
    this.#publish()
  }

  /** Makes the connection to a member who was there before, and offers. */
  #call(member: MemberId, replaced: Peer | null = null): Peer | null {
    this.#attempts += 1
    this.#awaited.add(member)
    return this.#createPeer({
      id: member,
      attempt: this.#attempts,
      isNewcomerHere: true,
      replaced,
      firstMessage: (facts) => ({ type: 'open', pass: this.#passes?.passFor(member) ?? NO_PASS, ...facts }),
    })
  }

  /** From the beginning with a member who was here: the pass, if there is one, spares the ringing. */
  #callAnew(member: MemberId): void {
    const replaced = this.#drop(member)
    const peer = this.#call(member, replaced)
    // Who is in stays in the picture meanwhile.
    if (replaced?.isAdmitted) peer?.admit(replaced.snapshot.name)
    else if (this.#roster.admitted().length === 0) this.#beginCalling()
  }

  /** Makes the connection to a newcomer, and answers. */
  #admit({ snapshot: { id, name }, attempt, sdp, candidates }: Caller, replaced: Peer | null = null): void {
    const peer = this.#createPeer({
      id,
      attempt,
      isNewcomerHere: false,
      replaced,
      firstMessage: (facts) => ({ type: 'reply', pass: this.#passes?.issue(id) ?? NO_PASS, ...facts }),
    })
    if (peer === null) return
    peer.admit(name)
    peer.handleDescription({ kind: 'offer', sdp })
    peer.handleCandidates(candidates)
    if (!replaced?.isAdmitted) this.#handleAdmitted(peer)
  }

  /** Restarting ICE does not help: a new connection, if the other side can be told. The newcomer of the two offers. */
  #renew({ id, attempt, isNewcomerHere, snapshot }: Peer): boolean {
    if (this.getSnapshot().server !== 'online' || snapshot.isAway) return false
    if (!isNewcomerHere) return this.#link?.send(id, { type: 'renew', attempt }) ?? false
    this.#callAnew(id)
    return true
  }

  #createPeer({ id, attempt, isNewcomerHere, replaced, firstMessage }: NewPeer): Peer | null {
    const { Connection, createStream } = this.#platform
    if (Connection === null) return null
    const channel = signalingChannel(
      (message) => void this.#link?.send(id, message),
      attempt,
      (sdp) => firstMessage({ attempt, name: this.#name, sdp }),
    )
    try {
      const peer: Peer = new Peer({
        id,
        attempt,
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
        onStuck: () => this.#renew(peer),
        onFailure: () => {
          this.#failures += 1
        },
      })
      this.#roster.add(peer)
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

  #drop(id: MemberId): Peer | null {
    this.#awaited.delete(id)
    return this.#roster.drop(id)
  }

  #remove(id: MemberId): void {
    const peer = this.#drop(id)
    if (peer === null) return
    this.#ringing.delete(id)
    if (peer.isAdmitted) this.#record.note('peerLeft', peer.snapshot.name)
    this.#publish()
    if (this.#record.status.phase === 'inCall' && this.#roster.admitted().length === 0) {
      if (this.#roster.size > 0) this.#beginCalling()
      else this.#waitAlone('left')
    } else if (this.#record.status.phase === 'calling' && this.#roster.size === 0) this.#handleAllGone()
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
    for (const caller of this.#doorbell.callers()) this.#ring(caller)
  }

  #end(reason: EndReason, retryAfterMs?: number): void {
    if (this.#record.status.phase === 'ended') return
    const delay = retryAfterMs === undefined ? {} : { retryAfterMs }
    this.#record.update({ status: { phase: 'ended', reason, ...delay } })
    for (const stop of this.#stops) stop()
    this.#roster.leave()
    this.#doorbell.clear()
    this.#link?.leave()
    this.#agenda.close()
    this.#publish()
  }

  // What peers, page and media say

  #handlePeerMessage(peer: Peer, message: PeerMessage): void {
    if (!peer.isAdmitted || this.#roster.get(peer.id) !== peer) return
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
    this.#roster.handleNetworkChange(this.#agenda.now())
  }

  #handleMediaChange(): void {
    this.#roster.setTracks(ownTracks(this.#options.media.getSnapshot()))
    this.#announce()
  }

  #announce(): void {
    this.#roster.send(this.#stateMessage())
  }

  #measurePeers(now: number): void {
    this.#roster.measure()
    this.#measureAlarm.set(now + MEASURE_INTERVAL_MS)
  }

  #stateMessage(): PeerMessage {
    return { type: 'state', name: this.#name, media: ownMedia(this.#options.media.getSnapshot()) }
  }

  // Snapshots

  #enter(status: CallStatus): void {
    this.#record.enter(status)
    this.#publish()
  }

  #publish(): void {
    const isRinging = this.#record.status.phase === 'waiting'
    const peers = this.#roster.admitted()
    for (const peer of peers) peer.setAudience(peers.length)
    this.#record.showPeople(
      isRinging ? this.#doorbell.callers().map(({ snapshot }) => snapshot) : [],
      peers.map((peer) => peer.snapshot),
    )
  }
}
