import type { Call, CallSnapshot, MemberId, PeerSnapshot } from '@crowfly/client'
import type { Emoji, RoomCode } from '@crowfly/pairing'
import { type PictureSize, personStream, screenStream, voiceStream } from './fake-picture.ts'
import { FakeStore } from './fake-store.ts'
import { looks } from './portrait.ts'

/** The code of every story. */
export const storyCode: RoomCode = {
  kind: 'words',
  nameplate: '4821',
  words: ['canoe', 'velvet', 'maple'],
}

const emoji: readonly Emoji[] = [
  { symbol: '🦁', name: 'Lion' },
  { symbol: '☂️', name: 'Umbrella' },
  { symbol: '🍓', name: 'Strawberry' },
  { symbol: '🚂', name: 'Train' },
  { symbol: '💡', name: 'Light Bulb' },
  { symbol: '🐢', name: 'Turtle' },
  { symbol: '✂️', name: 'Scissors' },
]

/** A call that shows what it was given, and does on its own what one person alone can see. */
export class FakeCall extends FakeStore<CallSnapshot> implements Call {
  constructor(changed: Partial<CallSnapshot>) {
    super({
      status: { phase: 'waiting', alone: 'first' },
      server: 'online',
      nameplate: storyCode.nameplate,
      code: storyCode,
      guessing: 'none',
      selfId: 'me',
      callers: [],
      peers: [],
      chat: [],
      notices: [],
      ...changed,
    })
  }

  accept(caller: MemberId): void {
    const name = this.getSnapshot().callers.find(({ id }) => id === caller)?.name ?? ''
    this.change({
      callers: [],
      peers: [fakePeer(0, { name })],
      status: { phase: 'inCall', sinceMs: Date.now() },
    })
  }

  decline(caller: MemberId): void {
    this.change({ callers: this.getSnapshot().callers.filter(({ id }) => id !== caller) })
  }

  sendChat(text: string): boolean {
    const id = `mine-${this.getSnapshot().chat.length}`
    this.change({
      chat: [...this.getSnapshot().chat, { id, from: 'me', name: '', text, atMs: Date.now() }],
    })
    return true
  }

  setName(): void {}

  setVerified(id: MemberId, isVerified: boolean): void {
    const trust = isVerified ? 'verified' : 'code'
    this.change({
      peers: this.getSnapshot().peers.map((peer) => (peer.id === id ? { ...peer, trust } : peer)),
    })
  }

  leave(): void {
    this.change({ status: { phase: 'ended', reason: 'left' }, peers: [] })
  }
}

const names = [
  'Ann Lindqvist',
  'Bob',
  'Cat Okafor',
  'Dario',
  'Emilia Sørensen',
  'Femi',
  'Gwen',
  'Hiro Tanaka',
]

/** Who of the drawn people is which peer; the third is oneself and comes last. */
const cast = [0, 1, 4, 3, 7, 5, 6, 2]

/** How a made-up peer departs from the usual. */
export interface FakePeerOptions extends Partial<Omit<PeerSnapshot, 'id' | 'media'>> {
  readonly media?: Partial<PeerSnapshot['media']>
  readonly isTalking?: boolean
  readonly size?: PictureSize
}

/** One made-up peer of the cast. */
export function fakePeer(index: number, options: FakePeerOptions = {}): PeerSnapshot {
  const { media, isTalking = false, size = { width: 1280, height: 720 }, ...changed } = options
  const look = looks[cast[index % cast.length] ?? 0]
  const hasCamera = (media?.camera ?? 'on') === 'on'
  return {
    id: `peer-${index}`,
    name: names[index % names.length] ?? '',
    connection: 'connected',
    path: { kind: 'direct', rttMs: 18 + ((index * 13) % 40), isLocal: false },
    isAway: false,
    trust: 'code',
    emoji,
    audio: voiceStream(isTalking ? 0.25 : 0),
    camera: hasCamera && look !== undefined ? personStream(look, size, isTalking) : new MediaStream(),
    screen: media?.screen === 'on' ? screenStream() : new MediaStream(),
    ...changed,
    media: { microphone: 'on', camera: 'on', screen: 'off', ...media },
  }
}
