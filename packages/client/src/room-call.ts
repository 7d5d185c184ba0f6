import { encodeBase64url } from '@crowfly/bytes'
import { type IceServer, type PairMessage, parseNameplate, type RefusalCode } from '@crowfly/signaling'
import { Agenda, type Alarm } from './agenda.ts'
import type { CallPlatform } from './call-platform.ts'
import { ChatLog } from './chat-log.ts'
import { type Caller, Doorbell } from './doorbell.ts'
import type { Description, NegotiationChannel } from './negotiation-channel.ts'
import { NoticeLog } from './notice-log.ts'
import type { PageEvent } from './page-events.ts'
import { PassBook } from './pass-book.ts'
import { type LocalTracks, Peer } from './peer.ts'
import { MAX_CHAT_LENGTH, MAX_NAME_LENGTH, type PeerMessage } from './peer-message.ts'
import { type LinkEvent, SignalingLink } from './signaling-link.ts'
import type {
  Call,
  CallNotice,
  CallSnapshot,
  CallStatus,
  EndReason,
  JoinOptions,
  MemberId,
  PeerMedia,
  ServerStatus,
} from './snapshot.ts'
import { SnapshotStore } from './snapshot-store.ts'

const DEFAULT_RING_TIMEOUT_MS = 45_000

/** How often the paths of connected peers are looked up. */
const PATH_INTERVAL_MS = 2_000

/** Octets of a chat message's id. */
const CHAT_ID_BYTES = 16

const END_OF_REFUSAL: Readonly<Record<RefusalCode, EndReason>> = {
  unknownNameplate: 'unknownCode',
  nobodyThere: 'nobodyThere',
  roomFull: 'roomFull',
  tooManyTries: 'tooManyTries',
  serverFull: 'serverFull',
  incompatibleServer: 'incompatibleServer',
  malformed: 'malformedCode',
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
  readonly #store: SnapshotStore<CallSnapshot>
  readonly #agenda: Agenda
  readonly #ringAlarm: Alarm
  readonly #pathAlarm: Alarm
  readonly #doorbell = new Doorbell()
  readonly #chat = new ChatLog()
  readonly #notices = new NoticeLog()
  readonly #peers = new Map<MemberId, Peer>()
  /** Members who have said that they ring for us. */
  readonly #ringing = new Set<MemberId>()
  readonly #stops: (() => void)[] = []
  #link: SignalingLink | null = null
  #passes: PassBook | null = null
  #iceServers: readonly IceServer[] = []
  #status: CallStatus = { phase: 'connecting' }
  #server: ServerStatus = 'connecting'
  #code: string | null = null
  #name: string
  #failures = 0

  constructor(options: JoinOptions, platform: CallPlatform) {
    this.#options = options
    this.#platform = platform
    this.#name = options.name.slice(0, MAX_NAME_LENGTH)
    this.#agenda = new Agenda(platform.clock)
    this.#ringAlarm = this.#agenda.alarm(() => this.#end('noAnswer'))
    this.#pathAlarm = this.#agenda.alarm((now) => this.#measurePaths(now))
    this.#store = new SnapshotStore(this.#compose(null))
    this.#start()
  }

  readonly getSnapshot = (): CallSnapshot => this.#store.getSnapshot()

  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Operations that were rejected and messages that were garbage, since the start. */
  get failures(): number {
    return this.#failures
  }

  accept(id: MemberId): void {
    if (this.#status.phase !== 'waiting') return
    const caller = this.#doorbell.take(id)
    if (caller !== null) this.#admit(caller)
  }

  decline(id: MemberId): void {
    if (this.#status.phase !== 'waiting' || this.#doorbell.take(id) === null) return
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
    this.#chat.add({ id, from: 'me', name: this.#name, text, atMs: this.#platform.clock.wallTime() })
    this.#publish()
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
      server: new URL(server ?? this.#platform.origin ?? ''),
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
        this.#end(END_OF_REFUSAL[event.code], event.retryAfterMs)
        break
      case 'unreachable':
        if (this.#server === 'connecting') this.#end('serverUnreachable')
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
        this.#server = 'reconnecting'
        this.#notice(event.isServerStopping ? 'serverStopping' : 'serverLost')
        break
      case 'connectionRestored':
        this.#server = 'online'
        for (const peer of this.#peers.values()) peer.handleSignalingRestored(this.#agenda.now())
        this.#notice('serverBack')
        break
      case 'message':
        this.#handleMessage(event.from, event.message)
        break
    }
  }

  #handleJoined(nameplate: string, members: readonly MemberId[], iceServers: readonly IceServer[]): void {
    this.#server = 'online'
    this.#code = nameplate
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
    if (caller !== null && this.#status.phase === 'waiting') this.#notice('missedCall', caller.snapshot.name)
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
        this.#handleDeclined(from)
        break
      case 'reply':
        this.#handleReply(from, message)
        break
      case 'description':
        this.#handleDescription(from, message)
        break
      case 'candidates':
        this.#doorbell.handleCandidates(from, message.candidates)
        this.#peers.get(from)?.handleCandidates(message.candidates)
        break
    }
  }

  // trust.md §6: a member alone under a code rings; once two are in, newcomers with the code enter at once

  #handleOpen(from: MemberId, open: Extract<PairMessage, { type: 'open' }>): void {
    const name = open.name.slice(0, MAX_NAME_LENGTH)
    const sinceMs = this.#platform.clock.wallTime()
    const caller: Caller = { snapshot: { id: from, name, sinceMs }, sdp: open.sdp, candidates: [] }
    // Whoever opens anew has lost the connection that was.
    this.#drop(from)
    const { phase } = this.#status
    if (phase === 'inCall' || (phase === 'waiting' && this.#passes?.honours(open.pass))) {
      this.#admit(caller)
    } else if (!this.#doorbell.add(caller)) {
      this.#link?.send(from, { type: 'declined', reason: 'busy' })
    } else if (phase === 'waiting') {
      this.#ring(from, name)
    }
  }

  #handleRinging(from: MemberId): void {
    if (!this.#peers.has(from) || this.#status.phase !== 'calling') return
    this.#ringing.add(from)
    this.#enter({ ...this.#status, ringing: true })
  }

  #handleDescription(from: MemberId, description: Description): void {
    const peer = this.#peers.get(from)
    // This side gave them up while they were out of reach, and has nothing left to renegotiate.
    if (peer === undefined) this.#link?.send(from, { type: 'declined', reason: 'declined' })
    else peer.handleDescription(description)
  }

  #handleDeclined(from: MemberId): void {
    const peer = this.#peers.get(from)
    if (peer === undefined) return
    if (peer.isAdmitted) {
      // They gave this side up while it was out of reach.
      this.#callAnew(from)
      return
    }
    this.#ringing.delete(from)
    this.#drop(from)
    // Another one may still be ringing. Those who have not been let in themselves can not let anybody in.
    if (this.#status.phase === 'calling' && this.#ringing.size === 0) this.#end('declined')
  }

  #handleReply(from: MemberId, reply: Extract<PairMessage, { type: 'reply' }>): void {
    const peer = this.#peers.get(from)
    if (peer === undefined || peer.isAdmitted) return
    this.#passes?.keep(from, reply.pass)
    peer.admit(reply.name.slice(0, MAX_NAME_LENGTH))
    peer.handleDescription({ kind: 'answer', sdp: reply.sdp })
    this.#handleAdmitted(peer)
  }

  #ring(id: MemberId, name: string): void {
    this.#link?.send(id, { type: 'ringing' })
    if (this.#notices.hasMissed(name)) this.#notice('callAgain', name)
    this.#publish()
  }

  /** Makes the connection to a member who was there before, and offers. */
  #call(member: MemberId): void {
    this.#createPeer(member, true, {
      sendDescription: ({ kind, sdp }) => {
        const pass = this.#passes?.passFor(member) ?? new Uint8Array(0)
        const isAdmitted = this.#peers.get(member)?.isAdmitted === true
        this.#link?.send(
          member,
          isAdmitted ? { type: 'description', kind, sdp } : { type: 'open', name: this.#name, pass, sdp },
        )
      },
      sendCandidates: (candidates) => void this.#link?.send(member, { type: 'candidates', candidates }),
    })
  }

  /** From the beginning with a member who was here: the pass, if there is one, spares the ringing. */
  #callAnew(member: MemberId): void {
    this.#drop(member)
    if (this.#admittedPeers().length === 0) this.#beginCalling()
    this.#call(member)
  }

  /** Makes the connection to a newcomer, and answers. */
  #admit({ snapshot: { id, name }, sdp, candidates }: Caller): void {
    let hasReplied = false
    const peer = this.#createPeer(id, false, {
      sendDescription: (description) => {
        const pass = hasReplied ? null : this.#passes?.issue(id)
        hasReplied = true
        this.#link?.send(
          id,
          pass
            ? { type: 'reply', name: this.#name, pass, sdp: description.sdp }
            : { type: 'description', ...description },
        )
      },
      sendCandidates: (batch) => void this.#link?.send(id, { type: 'candidates', candidates: batch }),
    })
    if (peer === null) return
    peer.admit(name)
    peer.handleDescription({ kind: 'offer', sdp })
    peer.handleCandidates(candidates)
    this.#handleAdmitted(peer)
  }

  #createPeer(id: MemberId, isNewcomerHere: boolean, channel: NegotiationChannel): Peer | null {
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
        tracks: this.#tracks(),
        onChange: () => this.#publish(),
        onChannelOpen: () => void peer.send(this.#stateMessage()),
        onMessage: (message) => this.#handlePeerMessage(peer, message),
        onGone: () => this.#remove(id),
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
    this.#pathAlarm.set(this.#agenda.now() + PATH_INTERVAL_MS)
    if (this.#status.phase !== 'inCall') {
      this.#enter({ phase: 'inCall', sinceMs: this.#platform.clock.wallTime() })
    }
    this.#notice('peerJoined', peer.snapshot.name)
    // Two are in: whoever waited for this side's word enters now.
    const next = this.#doorbell.takeFirst()
    if (next !== null) this.#admit(next)
  }

  /** Closes without a word in the call: it never was in it, or comes back at once. */
  #drop(id: MemberId): void {
    this.#peers.get(id)?.close()
    if (this.#peers.delete(id)) this.#publish()
  }

  #remove(id: MemberId): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    this.#drop(id)
    this.#ringing.delete(id)
    if (peer.isAdmitted) this.#notice('peerLeft', peer.snapshot.name)
    if (this.#status.phase === 'inCall' && this.#admittedPeers().length === 0) {
      if (this.#peers.size > 0) this.#beginCalling()
      else this.#waitAlone('left')
    } else if (this.#status.phase === 'calling' && this.#peers.size === 0) this.#handleAllGone()
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
    this.#pathAlarm.clear()
    this.#enter({ phase: 'waiting', alone })
    for (const { id, name } of this.#doorbell.callers()) this.#ring(id, name)
  }

  #end(reason: EndReason, retryAfterMs?: number): void {
    if (this.#status.phase === 'ended') return
    this.#status = { phase: 'ended', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    for (const stop of this.#stops) stop()
    for (const peer of this.#peers.values()) peer.close()
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
    if (this.#chat.add({ id, from: peer.id, name, text, atMs: this.#platform.clock.wallTime() }))
      this.#publish()
  }

  #handlePageEvent(event: PageEvent): void {
    // Leaving by a reload keeps the passes: the page comes back without ringing.
    if (event === 'leaving') this.#end('left')
    this.#link?.handleNetworkChange()
    if (event !== 'networkChanged') return
    for (const peer of this.#peers.values()) peer.handleNetworkChange(this.#agenda.now())
  }

  #handleMediaChange(): void {
    const tracks = this.#tracks()
    for (const peer of this.#peers.values()) peer.setTracks(tracks)
    this.#announce()
  }

  #announce(): void {
    const state = this.#stateMessage()
    for (const peer of this.#admittedPeers()) peer.send(state)
  }

  #measurePaths(now: number): void {
    for (const peer of this.#admittedPeers()) void peer.measurePath()
    this.#pathAlarm.set(now + PATH_INTERVAL_MS)
  }

  #tracks(): LocalTracks {
    const { microphoneTrack, cameraTrack, screenTrack } = this.#options.media.getSnapshot()
    return { microphone: microphoneTrack, camera: cameraTrack, screen: screenTrack }
  }

  #stateMessage(): PeerMessage {
    const { microphone, microphoneTrack, cameraTrack, cameras, screenTrack } =
      this.#options.media.getSnapshot()
    const withoutCamera = cameras.length === 0 ? 'none' : 'off'
    const media: PeerMedia = {
      microphone: microphoneTrack === null ? 'none' : microphone.state === 'muted' ? 'muted' : 'on',
      camera: cameraTrack === null ? withoutCamera : 'on',
      screen: screenTrack === null ? 'off' : 'on',
    }
    return { type: 'state', name: this.#name, media }
  }

  #admittedPeers(): readonly Peer[] {
    return [...this.#peers.values()].filter((peer) => peer.isAdmitted)
  }

  // Snapshots

  #enter(status: CallStatus): void {
    this.#status = status
    this.#publish()
  }

  #notice(kind: CallNotice['kind'], name = ''): void {
    this.#notices.add(kind, name, this.#platform.clock.wallTime())
    this.#publish()
  }

  #publish(): void {
    this.#store.update(this.#compose(this.#store.getSnapshot()))
  }

  #compose(last: CallSnapshot | null): CallSnapshot {
    return {
      status: this.#status,
      server: this.#server,
      code: this.#code,
      selfId: this.#code === null ? null : (this.#link?.memberId ?? null),
      callers: sameList(last?.callers, this.#status.phase === 'waiting' ? this.#doorbell.callers() : []),
      peers: sameList(
        last?.peers,
        this.#admittedPeers().map((peer) => peer.snapshot),
      ),
      chat: this.#chat.messages,
      notices: this.#notices.notices,
    }
  }
}

/** The last list where the new one has the same elements, so that an unchanged part stays the same object. */
function sameList<Element>(
  last: readonly Element[] | undefined,
  next: readonly Element[],
): readonly Element[] {
  const isSame = last?.length === next.length && next.every((element, index) => element === last[index])
  return isSame ? last : next
}
