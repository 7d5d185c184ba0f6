import { cameraScale, scaleSender } from './camera-scale.ts'
import { OperationChain } from './operation-chain.ts'
import type { PeerConnection, Transceiver } from './peer-connection.ts'

/** What this side sends. */
export interface LocalTracks {
  readonly microphone: MediaStreamTrack | null
  readonly camera: MediaStreamTrack | null
  readonly screen: MediaStreamTrack | null
}

/** The layout that every description of a call has, so that nothing is renegotiated when media comes and goes. */
const SLOTS = [
  { source: 'microphone', kind: 'audio' },
  { source: 'camera', kind: 'video' },
  { source: 'screen', kind: 'video' },
] as const

type Source = (typeof SLOTS)[number]['source']

/** What the other side sends: streams that stay the same objects, also over a connection that replaces another. */
export type PeerStreams = Readonly<Record<Source, MediaStream>>

export function createPeerStreams(create: () => MediaStream): PeerStreams {
  return { microphone: create(), camera: create(), screen: create() }
}

export interface MediaSlotsOptions {
  readonly connection: PeerConnection
  readonly streams: PeerStreams
  readonly tracks: LocalTracks
  readonly onFailure: (error: unknown) => void
}

/** The transceivers of one connection: what goes out by each, and the stream that what comes in is put into. */
export class MediaSlots {
  readonly #connection: PeerConnection
  readonly #streams: PeerStreams
  readonly #replacements: OperationChain
  readonly #transceivers = new Map<Source, Transceiver>()
  readonly #sent = new Map<Source, MediaStreamTrack | null>()
  #tracks: LocalTracks
  #cameraScale = 1
  #isHeld = false

  constructor(options: MediaSlotsOptions) {
    this.#connection = options.connection
    this.#streams = options.streams
    this.#tracks = options.tracks
    this.#replacements = new OperationChain(options.onFailure)
  }

  /** The offering side makes the transceivers. */
  add(): void {
    for (const { source, kind } of SLOTS) {
      this.#fill(source, this.#connection.addTransceiver(kind, { direction: 'sendrecv' }))
    }
    this.#replaceTracks()
  }

  /** The answering side: the offer has made the transceivers, in the order of its media sections. */
  adopt(): void {
    if (this.#transceivers.size > 0) return
    const transceivers = this.#connection.getTransceivers().filter(({ mid }) => mid !== null)
    SLOTS.forEach(({ source, kind }, index) => {
      const transceiver = transceivers[index]
      // A description with another layout leaves that slot empty rather than crossing camera and microphone.
      if (transceiver === undefined || transceiver.receiver.track.kind !== kind) return
      transceiver.direction = 'sendrecv'
      this.#fill(source, transceiver)
    })
    this.#replaceTracks()
  }

  /** Sends these from now on, without renegotiation. */
  setTracks(tracks: LocalTracks): void {
    this.#tracks = tracks
    this.#replaceTracks()
  }

  /** Neither plays what comes in nor sends anything, until that is taken back. */
  setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld
    for (const { receiver } of this.#transceivers.values()) receiver.track.enabled = !isHeld
    this.#replaceTracks()
  }

  /** Says to how many people the camera goes, this one included: the more, the smaller the picture for each. */
  setAudience(count: number): void {
    const scale = cameraScale(count)
    if (scale === this.#cameraScale) return
    this.#cameraScale = scale
    this.scaleCamera()
  }

  /** Before a connection stands there may be no encoding to scale yet. */
  scaleCamera(): void {
    this.#replacements.add(async () => {
      const sender = this.#transceivers.get('camera')?.sender
      if (sender !== undefined) await scaleSender(sender, this.#cameraScale)
    })
  }

  close(): void {
    this.#replacements.close()
  }

  #fill(source: Source, transceiver: Transceiver): void {
    this.#transceivers.set(source, transceiver)
    const stream = this.#streams[source]
    for (const track of stream.getTracks()) stream.removeTrack(track)
    transceiver.receiver.track.enabled = !this.#isHeld
    stream.addTrack(transceiver.receiver.track)
  }

  #replaceTracks(): void {
    for (const [source, { sender }] of this.#transceivers) {
      const track = this.#wanted(source)
      if ((this.#sent.get(source) ?? null) === track) continue
      this.#sent.set(source, track)
      // Reads the wish when its turn comes, so that the last one wins.
      this.#replacements.add(() => sender.replaceTrack(this.#wanted(source)))
    }
  }

  #wanted(source: Source): MediaStreamTrack | null {
    return this.#isHeld ? null : this.#tracks[source]
  }
}
