import type { Pairing } from '@crowfly/pairing'
import type { IceServer, PairMessage } from '@crowfly/signaling'
import type { Agenda } from './agenda.ts'
import type { CallPlatform } from './call-platform.ts'
import type { Caller } from './doorbell.ts'
import type { OwnSide } from './own-side.ts'
import type { PassBook } from './pass-book.ts'
import { Peer } from './peer.ts'
import type { PeerMessage } from './peer-message.ts'
import type { Roster } from './roster.ts'
import { type FirstMessage, signalingChannel } from './signaling-channel.ts'
import type { MemberId } from './snapshot.ts'

export interface PeerMakerOptions {
  readonly platform: CallPlatform
  readonly agenda: Agenda
  /** Takes each peer that is made. */
  readonly roster: Roster
  readonly ownSide: OwnSide
  readonly passes: PassBook
  readonly iceServers: readonly IceServer[]
  readonly certificate: RTCCertificate
  readonly proves: 'code' | 'server'
  readonly findPairing: (member: MemberId) => Pairing | undefined
  readonly send: (to: MemberId, message: PairMessage) => boolean
  /** A peer's snapshot is a new one. */
  readonly onChange: () => void
  readonly onMessage: (peer: Peer, message: PeerMessage) => void
  /** The server has given the member up and media has stopped for good. */
  readonly onGone: (peer: Peer) => void
  /** Restarts of ICE do not help; see `PeerOptions`. */
  readonly onStuck: (peer: Peer) => boolean
  /** Whom the connection reaches has not shown to be the member; see `PeerOptions`. */
  readonly onUnproven: (peer: Peer) => void
  readonly onFailure: () => void
}

interface NewPeer {
  readonly id: MemberId
  readonly attempt: number
  readonly isNewcomerHere: boolean
  readonly replaced: Peer | null
  /** What carries the first description: `open` or `reply`. */
  readonly firstMessage: (facts: { attempt: number; name: string; sdp: string }) => FirstMessage
}

/** Makes the connections of one stay in a room, in either role. Null where the browser makes none. */
export class PeerMaker {
  readonly #options: PeerMakerOptions
  #iceServers: readonly IceServer[]
  /** Offers that this side has opened a connection with. */
  #attempts = 0

  constructor(options: PeerMakerOptions) {
    this.#options = options
    this.#iceServers = options.iceServers
  }

  /** For connections to come. */
  setIceServers(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers
  }

  /** To a member who was there before: offers. The pass, if there is one, spares the ringing. */
  toMember(id: MemberId, replaced: Peer | null): Peer | null {
    const { passes } = this.#options
    this.#attempts += 1
    return this.#create({
      id,
      attempt: this.#attempts,
      isNewcomerHere: true,
      replaced,
      firstMessage: (facts) => ({ type: 'open', pass: passes.passFor(id), ...facts }),
    })
  }

  /** To a newcomer: answers, and admits. */
  toCaller(caller: Caller, replaced: Peer | null): Peer | null {
    const { passes } = this.#options
    const { id, name } = caller.snapshot
    const peer = this.#create({
      id,
      attempt: caller.attempt,
      isNewcomerHere: false,
      replaced,
      firstMessage: (facts) => ({ type: 'reply', pass: passes.issue(id), ...facts }),
    })
    peer?.admit(name)
    peer?.handleDescription({ kind: 'offer', sdp: caller.sdp })
    peer?.handleCandidates(caller.candidates)
    return peer
  }

  #create({ id, attempt, isNewcomerHere, replaced, firstMessage }: NewPeer): Peer | null {
    const options = this.#options
    const { ownSide } = options
    const { Connection, createStream } = options.platform
    if (Connection === null) return null
    const channel = signalingChannel(
      (message) => void options.send(id, message),
      attempt,
      (sdp) => firstMessage({ attempt, name: ownSide.name, sdp }),
    )
    try {
      const peer: Peer = new Peer({
        id,
        attempt,
        isNewcomerHere,
        Connection,
        createStream,
        iceServers: this.#iceServers,
        certificate: options.certificate,
        proves: options.proves,
        findPairing: () => options.findPairing(id),
        agenda: options.agenda,
        channel,
        tracks: ownSide.tracks,
        replaced: replaced?.isAdmitted ? replaced : null,
        onChange: options.onChange,
        onChannelOpen: () => void peer.send(ownSide.state),
        onMessage: (message) => options.onMessage(peer, message),
        onGone: () => options.onGone(peer),
        onStuck: () => options.onStuck(peer),
        onUnproven: () => options.onUnproven(peer),
        onFailure: options.onFailure,
      })
      options.roster.add(peer)
      return peer
    } catch {
      // A policy can forbid connections where the constructor is there.
      return null
    }
  }
}
