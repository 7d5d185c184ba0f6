import type { CallNotice, CallSnapshot, ChatMessage, EndReason, LocalMediaSnapshot } from '@crowfly/client'
import { endWords } from '../src/copy.ts'
import { type FakePeerOptions, fakePeer, storyCode } from './fake-call.ts'

/** One state of the app to look at. */
export interface Story {
  /** The address behind the host, as in a link. */
  readonly link?: string
  /** The call to be in; none for the home page. */
  readonly call?: () => Partial<CallSnapshot>
  /** What starting camera and microphone leads to. */
  readonly media?: Partial<LocalMediaSnapshot>
  readonly name?: string
  /** Stay at the question about camera and microphone. */
  readonly isUnasked?: boolean
  readonly isRtl?: boolean
  /** Accessible names of buttons to press once the story shows. */
  readonly press?: readonly string[]
  /** What is typed then, by the labels of fields. */
  readonly typed?: Readonly<Record<string, string>>
  /** How long ago the story's call began, in milliseconds. */
  readonly agoMs?: number
}

const minute = 60_000
const talking = (peers: CallSnapshot['peers'], more: Partial<CallSnapshot> = {}): Partial<CallSnapshot> => ({
  status: { phase: 'inCall', sinceMs: Date.now() - 3 * minute - 12_000 },
  peers,
  ...more,
})
const people = (count: number, options: (index: number) => FakePeerOptions = () => ({})) =>
  Array.from({ length: count }, (_, index) => fakePeer(index, options(index)))

const failed = (
  problem: 'denied' | 'dismissed' | 'notFound' | 'inUse' | 'insecureContext' | 'unsupported' | 'ended',
) =>
  ({
    media: {
      camera: { state: 'failed', problem },
      microphone: { state: 'failed', problem },
      cameraTrack: null,
      microphoneTrack: null,
      ...(problem === 'notFound' || problem === 'insecureContext' || problem === 'unsupported'
        ? { cameras: [], microphones: [], speakers: [] }
        : {}),
    },
  }) satisfies Story

const notice = (kind: CallNotice['kind'], name = ''): CallNotice => ({ id: 1, atMs: Date.now(), kind, name })

const chat: readonly ChatMessage[] = [
  {
    id: '1',
    from: 'peer-0',
    name: 'Ann Lindqvist',
    text: 'Can you all see the second page?',
    atMs: Date.now() - 3 * minute,
  },
  { id: '2', from: 'me', name: '', text: 'Yes', atMs: Date.now() - 2.6 * minute },
  {
    id: '3',
    from: 'peer-1',
    name: 'Bob',
    text: 'The poems are here: https://example.org/poems/first-twelve?print=1.',
    atMs: Date.now() - 2 * minute,
  },
  {
    id: '4',
    from: 'peer-1',
    name: 'Bob',
    text: 'I only have the first twelve though',
    atMs: Date.now() - 1.9 * minute,
  },
  {
    id: '5',
    from: 'me',
    name: '',
    text: 'Twelve are enough.\nThe others are for the walk home.',
    atMs: Date.now() - minute,
  },
]

const longName = 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh the Younger'

const calls: Readonly<Record<string, Story>> = {
  'call-1': { call: () => talking([fakePeer(0)]) },
  'call-1-speaking': { call: () => talking([fakePeer(1, { isTalking: true })]) },
  'call-1-portrait': { call: () => talking([fakePeer(0, { size: { width: 720, height: 1280 } })]) },
  'call-phone': {
    call: () => talking([fakePeer(1, { isTalking: true, size: { width: 720, height: 1480 } })]),
  },
  'call-1-no-camera': {
    call: () => talking([fakePeer(0, { media: { camera: 'off', microphone: 'muted' } })]),
  },
  'call-1-reconnecting': { call: () => talking([fakePeer(0, { connection: 'reconnecting' })]) },
  'call-1-connecting': {
    call: () => talking([fakePeer(0, { connection: 'connecting', path: null, media: { camera: 'off' } })]),
  },
  'call-1-failed': {
    call: () => talking([fakePeer(0, { connection: 'failed', path: null, media: { camera: 'off' } })]),
  },
  'call-2': {
    call: () =>
      talking(people(2, (i) => ({ isTalking: i === 0, media: i === 1 ? { microphone: 'muted' } : {} }))),
  },
  'call-2-portrait': {
    call: () => talking([fakePeer(0, { size: { width: 720, height: 1280 } }), fakePeer(1)]),
  },
  'call-3': {
    call: () => talking(people(3, (i) => ({ isTalking: i === 1, media: i === 2 ? { camera: 'off' } : {} }))),
  },
  'call-5': {
    call: () =>
      talking(people(5, (i) => ({ isTalking: i === 4, media: i === 3 ? { microphone: 'muted' } : {} }))),
  },
  'call-8': {
    call: () =>
      talking(
        people(8, (i) => ({
          isTalking: i === 2,
          media: { microphone: i % 3 === 1 ? 'muted' : 'on', camera: i === 5 ? 'off' : 'on' },
        })),
      ),
  },
  'call-screen': {
    call: () =>
      talking(
        people(3, (i) => ({
          isTalking: i === 0,
          media: i === 0 ? { screen: 'on' } : i === 1 ? { microphone: 'muted' } : {},
        })),
      ),
  },
  'call-chat': {
    call: () =>
      talking(
        people(2, (i) => ({ isTalking: i === 0 })),
        { chat },
      ),
    press: ['Chat'],
  },
  'call-chat-empty': { call: () => talking(people(1)), press: ['Chat'] },
  'call-unread': {
    call: () =>
      talking(people(1), { chat: chat.slice(0, 1), notices: [notice('peerJoined', 'Ann Lindqvist')] }),
  },
  'call-server-lost': { call: () => talking(people(2), { server: 'reconnecting' }) },
  'call-relay': {
    call: () => talking([fakePeer(0, { path: { kind: 'relay', rttMs: 61, isLocal: false } }), fakePeer(1)]),
    press: ['Connection'],
  },
  'call-pending': {
    call: () => talking([fakePeer(0, { trust: 'pending', emoji: [], path: null })]),
  },
  'call-pending-chat': {
    call: () => talking([fakePeer(0, { trust: 'pending', emoji: [] })]),
    press: ['Chat'],
  },
  'call-verified': { call: () => talking(people(2, () => ({ trust: 'verified' }))) },
  'call-protection': {
    call: () => talking(people(3, (i) => ({ trust: i === 0 ? 'verified' : i === 1 ? 'code' : 'pending' }))),
    press: ['Making sure'],
  },
  'call-protection-one': { call: () => talking([fakePeer(0)]), press: ['End-to-end'] },
  'call-emoji': {
    call: () => talking([fakePeer(0)]),
    press: ['End-to-end', 'Compare emoji'],
  },
  'call-emoji-verified': {
    call: () => talking([fakePeer(0, { trust: 'verified' })]),
    press: ['Verified', 'Emoji with'],
  },
  'call-emoji-differ': {
    call: () => talking([fakePeer(0)]),
    press: ['End-to-end', 'Compare emoji', 'They differ'],
  },
  'call-guessing': { call: () => talking(people(2), { guessing: 'guessing' }) },
  'call-closed': { call: () => talking(people(2), { guessing: 'closed' }) },
  'call-new-code': { call: () => talking(people(2), { guessing: 'closed' }), press: ['Make a new code'] },
  'call-unproven': { call: () => talking(people(2), { notices: [notice('peerUnproven', 'Cat Okafor')] }) },
  'call-hidden': { call: () => talking(people(2), { notices: [notice('memberHidden', 'Bob')] }) },
  'call-more': { call: () => talking(people(2)), press: ['More'] },
  'call-devices': { call: () => talking(people(2)), press: ['More', 'Devices'] },
  'call-shortcuts': { call: () => talking(people(2)), press: ['More', 'Keyboard shortcuts'] },
  'call-muted': { call: () => talking(people(1)), press: ['Mute microphone', 'Turn camera off'] },
  'call-sharing': { call: () => talking(people(2)), press: ['Share screen'] },
  'call-long-names': {
    call: () =>
      talking(
        people(3, (i) => ({
          name: i === 0 ? longName : i === 1 ? 'يوسف عبد الرحمن' : '',
          media: { camera: i === 2 ? 'off' : 'on', microphone: 'muted' },
        })),
      ),
  },
  'call-rtl': { call: () => talking(people(2), { chat }), press: ['Chat'], isRtl: true },
}

const ends = Object.fromEntries(
  Object.keys(endWords).map((reason): [string, Story] => [
    `end-${reason}`,
    {
      call: () => ({
        status: {
          phase: 'ended',
          reason: reason as EndReason,
          ...(reason === 'tooManyTries' ? { retryAfterMs: 42_000 } : {}),
        },
        code: reason === 'webRtcMissing' || reason === 'serverUnreachable' ? null : storyCode,
      }),
    },
  ]),
)

/** Every state of the app, by name. */
export const stories: Readonly<Record<string, Story>> = {
  'home-ask': { isUnasked: true, name: '' },
  home: {},
  'home-invited': { link: '4821#canoe-velvet-maple' },
  'home-number': { typed: { Code: '4821 ' } },
  'home-typing': { typed: { Code: '4821 canoe ve' } },
  'home-one-left': { typed: { Code: '4821-canoe-velvet-map' } },
  'home-unknown-word': { typed: { Code: '4821 canoe velxxt maple' } },
  'home-no-number': { typed: { Code: 'canoe velvet' } },
  'home-complete': { typed: { Code: '4821-canoe-velvt-maple' } },
  'home-long': { typed: { Code: '482136 universe umbrella universe' } },
  'home-broken-link': { link: '4821' },
  'home-broken-word': { link: '4821#canoe-velxxt-maple' },
  'home-own': { press: ['Use your own room name'], typed: { 'Room name': 'Book club' } },
  'home-own-wrong': {
    press: ['Use your own room name', 'Enter the room'],
    typed: { 'Room name': '4821', Secret: 'short' },
  },
  'home-own-link': { link: 'book-club#=ten%20letters' },
  'home-own-broken': { link: 'book-club' },
  'home-muted': { press: ['Mute microphone', 'Turn camera off'] },
  'home-rtl': { isRtl: true, link: '4821#canoe-velvet-maple' },
  'home-rtl-typing': { isRtl: true, typed: { Code: '4821 canoe ve' } },
  'home-denied': failed('denied'),
  'home-dismissed': failed('dismissed'),
  'home-notFound': failed('notFound'),
  'home-inUse': failed('inUse'),
  'home-insecure': failed('insecureContext'),
  'home-unsupported': failed('unsupported'),
  'home-camera-ended': { media: { camera: { state: 'failed', problem: 'ended' }, cameraTrack: null } },
  waiting: { call: () => ({}) },
  'waiting-left': {
    call: () => ({ status: { phase: 'waiting', alone: 'left' }, notices: [notice('peerLeft', 'Bob')] }),
  },
  'waiting-missed': { call: () => ({ notices: [notice('missedCall', 'Bob')] }) },
  'waiting-guessing': { call: () => ({ guessing: 'guessing' }) },
  'waiting-closed': { call: () => ({ guessing: 'closed' }) },
  'waiting-own': {
    call: () => ({ code: { kind: 'chosen', nameplate: 'book-club', secret: 'ten letters' } }),
  },
  'waiting-standing': {
    call: () => ({ code: { kind: 'standing', nameplate: '482136', secret: new Uint8Array(16).fill(90) } }),
  },
  'waiting-rtl': { call: () => ({}), isRtl: true },
  'waiting-server-lost': { call: () => ({ server: 'reconnecting' }) },
  ringing: { call: () => ({ callers: [{ id: 'a', name: 'Ann Lindqvist', sinceMs: Date.now() }] }) },
  'ringing-nameless': { call: () => ({ callers: [{ id: 'a', name: '', sinceMs: Date.now() }] }) },
  'ringing-two': {
    call: () => ({
      callers: [
        { id: 'a', name: 'Ann Lindqvist', sinceMs: Date.now() },
        { id: 'b', name: longName, sinceMs: Date.now() },
      ],
    }),
  },
  'getting-code': { call: () => ({ status: { phase: 'connecting' }, code: null }) },
  connecting: { call: () => ({ status: { phase: 'calling', sinceMs: Date.now(), ringing: false } }) },
  calling: { call: () => ({ status: { phase: 'calling', sinceMs: Date.now(), ringing: true } }) },
  ...calls,
  ...ends,
}
