import type { IceServer, PairMessage } from '@crowfly/signaling'
import type { Alarm } from './agenda.ts'
import type { CallRecord } from './call-record.ts'
import { type Caller, Doorbell } from './doorbell.ts'
import type { Peer } from './peer.ts'
import { PeerMaker, type PeerMakerOptions } from './peer-maker.ts'
import { MAX_NAME_LENGTH } from './peer-message.ts'
import type { CallStatus, EndReason, JoinOptions, MemberId } from './snapshot.ts'

const DEFAULT_RING_TIMEOUT_MS = 45_000

export interface AdmissionOptions
  extends Omit<PeerMakerOptions, 'onChange' | 'onGone' | 'onStuck' | 'onUnproven'> {
  readonly join: JoinOptions
  readonly record: CallRecord
  readonly onEnd: (reason: EndReason) => void
}

/**
 * Who is let in, from the moment that this side is in the room: one `Peer` for each other member.
 *
 * A member that is alone rings for whoever comes. A newcomer offers to everyone present and calls until the first
 * reply; offers that reach it meanwhile wait for that, since it has no say yet. In a call everyone with the code
 * enters at once.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #peerMaker: PeerMaker
  readonly #doorbell = new Doorbell()
  readonly #ringAlarm: Alarm
  /** Members who have not answered the offer that opened the pairing. */
  readonly #awaited = new Set<MemberId>()
  /** Members who have come since, and may be about to call. */
  readonly #newcomers = new Set<MemberId>()
  /** Members who have said that they ring for us. */
  readonly #ringing = new Set<MemberId>()

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#ringAlarm = options.agenda.alarm(() => options.onEnd('noAnswer'))
    this.#peerMaker = new PeerMaker({
      ...options,
      onChange: () => this.publish(),
      onGone: ({ id }) => this.remove(id),
      onStuck: (peer) => this.#renew(peer),
      onUnproven: (peer) => this.#cut(peer),
    })
  }

  /** These are in the room already. */
  begin(members: readonly MemberId[]): void {
    if (members.length === 0) {
      this.#enter({ phase: 'waiting', alone: 'first' })
      return
    }
    this.#beginCalling()
    for (const member of members) this.#call(member)
  }

  accept(id: MemberId): void {
    const { record } = this.#options
    if (record.status.phase !== 'waiting') return
    const caller = this.#doorbell.take(id)
    if (caller === null) return
    record.forgetCall()
    this.#admit(caller)
  }

  decline(id: MemberId): void {
    if (this.#options.record.status.phase !== 'waiting') return
    const caller = this.#doorbell.take(id)
    if (caller === null) return
    this.#options.send(id, { type: 'declined', attempt: caller.attempt, reason: 'declined' })
    this.publish()
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    this.#peerMaker.setIceServers(iceServers)
    this.#options.roster.setIceServers(iceServers)
  }

  handleMemberJoined(member: MemberId, isNewcomer: boolean): void {
    if (isNewcomer) this.#newcomers.add(member)
    const peer = this.#options.roster.get(member)
    // One of us was given up by the server meanwhile. Where media still flows, nothing was lost by it.
    if (isNewcomer || peer?.isConnected) {
      peer?.handleReturned()
      return
    }
    this.#callAnew(member)
  }

  handleMemberLeft(member: MemberId, reason: 'left' | 'expired'): void {
    const { record, roster } = this.#options
    this.#newcomers.delete(member)
    const caller = this.#doorbell.take(member)
    if (caller !== null && record.status.phase === 'waiting') {
      record.note('missedCall', caller.snapshot.name)
      this.publish()
    }
    const peer = roster.get(member)
    if (peer?.isAdmitted && reason === 'expired') peer.handleExpired()
    else this.remove(member)
  }

  /** The two should prove the code to each other anew. A connection that there is stays. */
  handlePairingLost(member: MemberId): void {
    const peer = this.#options.roster.get(member)
    if (peer?.isAdmitted) this.#options.send(member, { type: 'renew', attempt: peer.attempt })
    else if (peer !== null) this.#callAnew(member)
  }

  /** A member does not let this side prove itself. */
  handleUnwelcome(member: MemberId, reason: 'wrongCode' | 'roomClosed'): void {
    const { record, roster, onEnd } = this.#options
    const peer = roster.get(member)
    if (peer === null || !this.#awaited.has(member)) return
    if (peer.isAdmitted) {
      this.remove(member)
      return
    }
    this.#drop(member)
    // Another one may know better.
    if (record.status.phase === 'calling' && this.#awaited.size === 0) onEnd(reason)
  }

  setVerified(member: MemberId, isVerified: boolean): void {
    this.#options.roster.get(member)?.setVerified(isVerified)
  }

  handleMessage(from: MemberId, message: PairMessage): void {
    if (message.type === 'open') {
      this.#handleOpen(from, message)
      return
    }
    if (message.type === 'candidates') {
      this.#doorbell.handleCandidates(from, message.attempt, message.candidates)
    }
    const peer = this.#options.roster.get(from)
    if (message.type === 'renew') {
      this.#handleRenew(from, peer, message.attempt)
      return
    }
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
    }
  }

  /** A member has gone, as the server, the member or its connection says; or is cut off. */
  remove(id: MemberId, notice: 'peerLeft' | 'peerUnproven' = 'peerLeft'): void {
    const { record, roster } = this.#options
    const peer = this.#drop(id)
    if (peer === null) return
    this.#ringing.delete(id)
    if (peer.isAdmitted) record.note(notice, peer.snapshot.name)
    this.publish()
    if (record.status.phase === 'inCall' && roster.admitted().length === 0) {
      if (roster.size > 0) this.#beginCalling()
      else this.#waitAlone('left')
    } else if (record.status.phase === 'calling' && roster.size === 0) this.#handleAllGone()
  }

  /** Shows who is in and who rings. */
  publish(): void {
    const { record, roster } = this.#options
    const isRinging = record.status.phase === 'waiting'
    const peers = roster.admitted()
    for (const peer of peers) peer.setAudience(peers.length)
    record.showPeople(
      isRinging ? this.#doorbell.callers().map(({ snapshot }) => snapshot) : [],
      peers.map((peer) => peer.snapshot),
    )
  }

  /** Says goodbye to everyone. Final. */
  close(): void {
    this.#options.roster.leave()
    this.#doorbell.clear()
  }

  #handleOpen(from: MemberId, open: Extract<PairMessage, { type: 'open' }>): void {
    const { platform, record, passes, send } = this.#options
    const name = open.name.slice(0, MAX_NAME_LENGTH)
    const sinceMs = platform.clock.wallTime()
    const { attempt, sdp } = open
    const caller: Caller = { snapshot: { id: from, name, sinceMs }, attempt, sdp, candidates: [] }
    // Whoever opens anew has lost the connection that was.
    const replaced = this.#drop(from)
    const { phase } = record.status
    if (phase === 'inCall' || (phase === 'waiting' && passes.honours(open.pass))) {
      this.#admit(caller, replaced)
    } else if (!this.#doorbell.add(caller)) {
      send(from, { type: 'declined', attempt, reason: 'busy' })
    } else if (phase === 'waiting') {
      this.#ring(caller)
    }
  }

  /** To the newcomer of two: open anew. From it: the two have proved themselves anew, and go on with the connection. */
  #handleRenew(from: MemberId, peer: Peer | null, attempt: number): void {
    if (peer?.isNewcomerHere) {
      if (peer.attempt === attempt && peer.isAdmitted) this.#callAnew(from)
    } else if (peer?.attempt !== attempt) {
      // There is none of this number here any more.
      this.#options.send(from, { type: 'renew', attempt })
    }
  }

  #handleRinging({ id }: Peer): void {
    const { status } = this.#options.record
    if (status.phase !== 'calling') return
    this.#ringing.add(id)
    this.#enter({ ...status, ringing: true })
  }

  #handleDeclined(peer: Peer): void {
    const { record, onEnd } = this.#options
    const { id } = peer
    if (!this.#awaited.has(id)) return
    if (peer.isAdmitted) {
      this.remove(id)
      return
    }
    this.#ringing.delete(id)
    this.#drop(id)
    // Another one may still be ringing. Those who have not been let in themselves can not let anybody in.
    if (record.status.phase === 'calling' && this.#ringing.size === 0) onEnd('declined')
  }

  #handleReply(peer: Peer, reply: Extract<PairMessage, { type: 'reply' }>): void {
    if (!this.#awaited.delete(peer.id)) return
    const wasAdmitted = peer.isAdmitted
    this.#options.passes.keep(peer.id, reply.pass)
    peer.admit(reply.name.slice(0, MAX_NAME_LENGTH))
    if (!wasAdmitted) this.#handleAdmitted(peer)
    // The peer may be cut off by it, which is for those who are in the call.
    peer.handleDescription({ kind: 'answer', sdp: reply.sdp })
  }

  #ring({ attempt, snapshot: { id, name } }: Caller): void {
    const { record, send } = this.#options
    send(id, { type: 'ringing', attempt })
    if (record.hasMissed(name)) record.note('callAgain', name)
    this.publish()
  }

  #call(member: MemberId, replaced: Peer | null = null): Peer | null {
    this.#awaited.add(member)
    const peer = this.#peerMaker.toMember(member, replaced)
    if (peer === null) this.#options.onEnd('webRtcMissing')
    return peer
  }

  /** From the beginning with a member who was here. */
  #callAnew(member: MemberId): void {
    const replaced = this.#drop(member)
    const peer = this.#call(member, replaced)
    if (peer === null) return
    // Who is in stays in the picture meanwhile.
    if (replaced?.isAdmitted) peer.admit(replaced.snapshot.name)
    else if (this.#options.roster.admitted().length === 0) this.#beginCalling()
  }

  #admit(caller: Caller, replaced: Peer | null = null): void {
    const peer = this.#peerMaker.toCaller(caller, replaced)
    if (peer === null) this.#options.onEnd('webRtcMissing')
    // An offer that may not be applied has cut them off already.
    else if (!replaced?.isAdmitted && this.#options.roster.get(peer.id) === peer) this.#handleAdmitted(peer)
  }

  /** Restarting ICE does not help: a new connection, if the other side can be told. The newcomer of the two offers. */
  #renew({ id, attempt, isNewcomerHere, snapshot }: Peer): boolean {
    const { record, send } = this.#options
    if (record.getSnapshot().server !== 'online' || snapshot.isAway) return false
    if (!isNewcomerHere) return send(id, { type: 'renew', attempt })
    this.#callAnew(id)
    return true
  }

  /** Media has played meanwhile; nothing else has been taken from there. */
  #cut(peer: Peer): void {
    if (this.#options.roster.get(peer.id) === peer) this.remove(peer.id, 'peerUnproven')
  }

  #handleAdmitted(peer: Peer): void {
    const { record, roster } = this.#options
    this.#ringAlarm.clear()
    this.#ringing.clear()
    roster.startMeasuring()
    if (record.status.phase !== 'inCall') {
      this.#enter({ phase: 'inCall', sinceMs: record.callSinceMs() })
    }
    record.note('peerJoined', peer.snapshot.name)
    // Two are in: whoever waited for this side's word enters now.
    const next = this.#doorbell.takeFirst()
    if (next !== null) this.#admit(next)
  }

  #drop(id: MemberId): Peer | null {
    this.#awaited.delete(id)
    return this.#options.roster.drop(id)
  }

  /** Everyone whom this side called has gone before an answer. */
  #handleAllGone(): void {
    const { join, onEnd } = this.#options
    if (this.#newcomers.size === 0 && join.room.kind === 'join' && join.room.ifEmpty === 'refuse') {
      onEnd('nobodyThere')
    } else this.#waitAlone('first')
  }

  #beginCalling(): void {
    const { join, agenda, platform } = this.#options
    this.#ringAlarm.set(agenda.now() + (join.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS))
    this.#enter({ phase: 'calling', sinceMs: platform.clock.wallTime(), ringing: false })
  }

  /** Alone now: those who waited for this side's own admission ring here. */
  #waitAlone(alone: 'first' | 'left'): void {
    this.#ringAlarm.clear()
    this.#options.roster.stopMeasuring()
    this.#enter({ phase: 'waiting', alone })
    for (const caller of this.#doorbell.callers()) this.#ring(caller)
  }

  #enter(status: CallStatus): void {
    this.#options.record.enter(status)
    this.publish()
  }
}
