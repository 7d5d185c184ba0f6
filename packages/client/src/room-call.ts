import { encodeBase64url } from '@crowfly/bytes'
import type { OpenRoom, RoomCode } from '@crowfly/pairing'
import type { IceServer } from '@crowfly/signaling'
import { Admission } from './admission.ts'
import { Agenda } from './agenda.ts'
import type { CallPlatform } from './call-platform.ts'
import { CallRecord } from './call-record.ts'
import { endOfRefusal } from './end-of-refusal.ts'
import { OwnSide } from './own-side.ts'
import type { PageEvent } from './page-events.ts'
import { PassBook } from './pass-book.ts'
import type { Peer } from './peer.ts'
import { MAX_CHAT_LENGTH, type PeerMessage } from './peer-message.ts'
import type { Approach } from './preparation.ts'
import { Roster } from './roster.ts'
import type { SealedRoom } from './sealed/sealed-session.ts'
import { serverOrigin } from './server-origin.ts'
import { type LinkEvent, SignalingLink } from './signaling-link.ts'
import type { Call, CallSnapshot, EndReason, JoinOptions, MemberId } from './snapshot.ts'

/** Octets of a chat message's id. */
const CHAT_ID_BYTES = 16

/** A stay in one room: the way in and out, and what session, page, media and the others say meanwhile. */
export class RoomCall implements Call {
  readonly #options: JoinOptions
  readonly #platform: CallPlatform
  readonly #record: CallRecord
  readonly #agenda: Agenda
  readonly #link: SignalingLink
  readonly #roster: Roster
  readonly #ownSide: OwnSide
  readonly #stops: (() => void)[] = []
  #passes: PassBook | null = null
  /** Null until the server has let this side into the room. */
  #admission: Admission | null = null
  /** Null until the browser has made it: one for all connections of the call. */
  #certificate: RTCCertificate | null = null
  #failures = 0

  constructor(options: JoinOptions, platform: CallPlatform) {
    this.#options = options
    this.#platform = platform
    const { agenda, link } = this.#approach()
    this.#agenda = agenda
    this.#link = link
    this.#roster = new Roster(this.#agenda)
    this.#ownSide = new OwnSide(options.media, options.name)
    this.#record = new CallRecord(platform.clock)
    void this.#start()
  }

  readonly getSnapshot = (): CallSnapshot => this.#record.getSnapshot()

  readonly subscribe = (listener: () => void): (() => void) => this.#record.subscribe(listener)

  /** Operations that were rejected and messages that were garbage, since the start. */
  get failures(): number {
    return this.#failures
  }

  accept(id: MemberId): void {
    this.#admission?.accept(id)
  }

  decline(id: MemberId): void {
    this.#admission?.decline(id)
  }

  sendChat(text: string): boolean {
    if (text === '' || text.length > MAX_CHAT_LENGTH) return false
    const idBytes = new Uint8Array(CHAT_ID_BYTES)
    this.#platform.random.fill(idBytes)
    const id = encodeBase64url(idBytes)
    if (!this.#roster.send({ type: 'chat', id, text })) return false
    this.#record.addChat({ id, from: 'me', name: this.#ownSide.name, text })
    return true
  }

  setName(name: string): void {
    this.#ownSide.name = name
    this.#announce()
  }

  setVerified(peer: MemberId, isVerified: boolean): void {
    this.#admission?.setVerified(peer, isVerified)
  }

  leave(): void {
    this.#passes?.forget()
    this.#end('left')
  }

  /** The connection that the room was looked at over, or a new one. */
  #approach(): Approach {
    const { server, authorization, transports = this.#platform.transports } = this.#options
    const prepared = this.#options.trust === 'server' ? undefined : this.#options.prepared
    const onEvent = (event: LinkEvent): void => this.#handleLinkEvent(event)
    const approach = prepared?.take(onEvent) ?? null
    if (approach !== null) return approach
    const { clock, random, origin } = this.#platform
    const agenda = new Agenda(clock)
    const link = new SignalingLink({
      ...{ server: serverOrigin(server, origin), transports, agenda, random, authorization, onEvent },
    })
    return { agenda, link }
  }

  async #start(): Promise<void> {
    if (this.#platform.Connection === null) {
      this.#end('webRtcMissing')
      return
    }
    this.#stops.push(this.#platform.watchPage((event) => this.#handlePageEvent(event)))
    this.#stops.push(this.#options.media.subscribe(() => this.#handleMediaChange()))
    try {
      this.#certificate = await this.#platform.createCertificate()
    } catch {
      this.#end('webRtcMissing')
    }
    if (this.#record.status.phase !== 'ended') this.#link.open(sealedRoom(this.#options))
  }

  #handleLinkEvent(event: LinkEvent): void {
    switch (event.type) {
      case 'joined':
        this.#handleJoined(event.code, event.members, event.iceServers)
        break
      case 'iceServersChanged':
        this.#admission?.setIceServers(event.iceServers)
        break
      case 'refused':
        this.#end(endOfRefusal[event.code], event.retryAfterMs)
        break
      case 'unreachable':
        if (this.#record.status.phase === 'connecting') this.#end('serverUnreachable')
        break
      case 'memberJoined':
        this.#admission?.handleMemberJoined(event.member, event.isNewcomer)
        break
      case 'memberLeft':
        this.#admission?.handleMemberLeft(event.member, event.reason)
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
        this.#admission?.handleMessage(event.from, event.message)
        break
      case 'pairingLost':
        this.#admission?.handlePairingLost(event.member)
        break
      case 'unwelcome':
        this.#admission?.handleUnwelcome(event.member, event.reason)
        break
      case 'memberHidden':
        this.#record.note('memberHidden', this.#roster.get(event.seenBy)?.snapshot.name)
        break
      case 'guessed':
        this.#record.update({ guessing: event.guessing })
        break
    }
  }

  #handleJoined(
    code: RoomCode | OpenRoom,
    members: readonly MemberId[],
    iceServers: readonly IceServer[],
  ): void {
    if (this.#certificate === null) return
    this.#record.update({
      server: 'online',
      nameplate: code.nameplate,
      code: code.kind === 'open' ? null : code,
      selfId: this.#link.memberId,
    })
    this.#passes = new PassBook(this.#platform.passStorage, code.nameplate, this.#platform.random)
    this.#admission = new Admission({
      join: this.#options,
      platform: this.#platform,
      agenda: this.#agenda,
      record: this.#record,
      roster: this.#roster,
      ownSide: this.#ownSide,
      passes: this.#passes,
      iceServers,
      certificate: this.#certificate,
      proves: this.#options.trust ?? 'code',
      findPairing: (member) => this.#link.pairingWith(member),
      send: (to, message) => this.#link.send(to, message),
      onMessage: (peer, message) => this.#handlePeerMessage(peer, message),
      onEnd: (reason) => this.#end(reason),
      onFailure: () => {
        this.#failures += 1
      },
    })
    this.#admission.begin(members)
  }

  #handlePeerMessage(peer: Peer, message: PeerMessage): void {
    if (!peer.isAdmitted || this.#roster.get(peer.id) !== peer) return
    if (message.type === 'leave') this.#admission?.remove(peer.id)
    if (message.type !== 'chat') return
    const { id, text } = message
    const { name } = peer.snapshot
    this.#record.addChat({ id, from: peer.id, name, text })
  }

  #handlePageEvent(event: PageEvent): void {
    // Leaving by a reload keeps the passes: the page comes back without ringing.
    if (event === 'leaving') this.#end('left')
    else this.#link.handleNetworkChange()
    if (event !== 'networkChanged') return
    this.#roster.handleNetworkChange(this.#agenda.now())
  }

  #handleMediaChange(): void {
    this.#roster.setTracks(this.#ownSide.tracks)
    this.#announce()
  }

  #announce(): void {
    this.#roster.send(this.#ownSide.state)
  }

  #end(reason: EndReason, retryAfterMs?: number): void {
    if (this.#record.status.phase === 'ended') return
    const delay = retryAfterMs === undefined ? {} : { retryAfterMs }
    this.#record.update({ status: { phase: 'ended', reason, ...delay } })
    for (const stop of this.#stops) stop()
    this.#admission?.close()
    this.#link.leave()
    this.#agenda.close()
    this.#admission?.publish()
  }
}

/** Only what the application says makes a room that trusts the server: no code and no link does. */
function sealedRoom(options: JoinOptions): SealedRoom {
  if (options.trust !== 'server') {
    return options.room.kind === 'create' ? { kind: 'create', isOpen: false } : options.room
  }
  const { room } = options
  if (room.kind === 'create') return { kind: 'create', isOpen: true }
  return { kind: 'join', code: { kind: 'open', nameplate: room.name }, ifEmpty: room.ifEmpty }
}
