import type { Call, CallSnapshot, CodeJoinOptions, LocalMedia, LocalMediaSnapshot } from '@crowfly/client'
import { parseChosenCode, parseRoomCode, type RoomCode } from '@crowfly/pairing'
import { beforeEach, describe, expect, it } from 'vitest'
import { Session } from './session.ts'

class Store<Snapshot> {
  #listeners = new Set<() => void>()
  snapshot: Snapshot
  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot
  }
  getSnapshot = () => this.snapshot
  subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  change(changed: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...changed }
    for (const listener of [...this.#listeners]) listener()
  }
}

const devicesOff: LocalMediaSnapshot = {
  microphone: { state: 'off' },
  camera: { state: 'off' },
  screen: { state: 'off' },
  microphones: [],
  cameras: [],
  speakers: [],
  microphoneId: null,
  cameraId: null,
  speakerId: null,
  microphoneTrack: null,
  cameraTrack: null,
  screenTrack: null,
  canShareScreen: false,
}

class ScriptedMedia extends Store<LocalMediaSnapshot> implements LocalMedia {
  readonly starts: { camera: boolean; microphone: boolean }[] = []
  isClosed = false
  answer: Partial<LocalMediaSnapshot> = { camera: { state: 'on' }, microphone: { state: 'on' } }
  async start(wanted: { camera: boolean; microphone: boolean }): Promise<void> {
    this.starts.push(wanted)
    this.change(this.answer)
  }
  async setCamera(): Promise<void> {}
  async setMicrophone(): Promise<void> {}
  async selectCamera(): Promise<void> {}
  async selectMicrophone(): Promise<void> {}
  selectSpeaker(): void {}
  async startScreen(): Promise<void> {}
  stopScreen(): void {}
  close(): void {
    this.isClosed = true
  }
}

class ScriptedCall extends Store<CallSnapshot> implements Call {
  accept(): void {}
  decline(): void {}
  sendChat(): boolean {
    return true
  }
  setName(): void {}
  setVerified(): void {}
  leave(): void {
    this.change({ status: { phase: 'ended', reason: 'left' } })
  }
}

const connecting: CallSnapshot = {
  status: { phase: 'connecting' },
  server: 'connecting',
  nameplate: null,
  code: null,
  guessing: 'none',
  selfId: null,
  callers: [],
  peers: [],
  chat: [],
  notices: [],
}

function codeOf(text: string): RoomCode {
  const code = parseRoomCode(text)
  if ('problem' in code) throw new TypeError(code.problem)
  return code
}

const code = codeOf('4821-canoe-velvet-maple')
const otherCode = codeOf('4821-acid-acid-acid')
const waiting: Partial<CallSnapshot> = { status: { phase: 'waiting', alone: 'first' }, code }

function memory(): Storage {
  const items = new Map<string, string>()
  return {
    length: 0,
    clear: () => items.clear(),
    key: () => null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

let medias: ScriptedMedia[]
let calls: { call: ScriptedCall; options: CodeJoinOptions }[]
let tabStore: Storage
let path: string
let fragment: string | null
let looks: string[]
let lastStore: Storage
let answer: Partial<LocalMediaSnapshot>

function join(options: CodeJoinOptions, by: string): Call {
  const call = new ScriptedCall(connecting)
  calls.push({ call, options })
  looks.push(by)
  return call
}

function open(changed: { isReturning?: boolean; hasWebRtc?: boolean; isAllowed?: boolean } = {}): Session {
  return new Session({
    services: {
      hasWebRtc: changed.hasWebRtc ?? true,
      devicesAllowed: async () => changed.isAllowed ?? false,
      createLocalMedia: () => {
        const media = new ScriptedMedia(devicesOff)
        media.answer = answer
        medias.push(media)
        return media
      },
      prepare: (looked) => {
        const name = looked.kind === 'words' ? looked.words[0] : looked.nameplate
        looks.push(`look ${name}`)
        return {
          join: (options) => join(options, `join ${name}`),
          close: () => void looks.push(`close ${name}`),
        }
      },
      join: (options) => join(options, 'join'),
    },
    address: {
      host: 'call.example',
      get room() {
        return path.slice(1)
      },
      takeFragment: () => {
        const taken = fragment
        fragment = null
        return taken
      },
      linkTo: (shared) => `https://call.example/${shared.nameplate}`,
      show: (room) => {
        path = `/${room ?? ''}`
      },
    },
    store: lastStore,
    tabStore,
    isReturning: changed.isReturning ?? false,
  })
}

function only<Item>(items: readonly Item[]): Item {
  expect(items).toHaveLength(1)
  const [item] = items
  if (item === undefined) throw new RangeError('There is no item.')
  return item
}

const screenOf = (session: Session) => session.getSnapshot().screen

beforeEach(() => {
  medias = []
  calls = []
  tabStore = memory()
  path = '/'
  fragment = null
  looks = []
  lastStore = memory()
  answer = { camera: { state: 'on' }, microphone: { state: 'on' } }
})

describe('beginning a call', () => {
  it('asks for devices first and goes on by itself', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    expect(only(medias).starts).toEqual([{ camera: true, microphone: true }])
    expect(only(calls).options.room).toEqual({ kind: 'create' })
    expect(screenOf(session).at).toBe('call')
  })

  it('stays when the answer is no, and goes on without at the next press', async () => {
    answer = {
      camera: { state: 'failed', problem: 'denied' },
      microphone: { state: 'failed', problem: 'denied' },
    }
    const session = open()
    await session.begin({ kind: 'create' })
    expect([screenOf(session).at, session.getSnapshot().isBeginning]).toEqual(['home', false])
    await session.begin({ kind: 'create' })
    expect(calls).toHaveLength(1)
  })

  it('twice at once begins one call', async () => {
    const session = open()
    await Promise.all([session.begin({ kind: 'create' }), session.begin({ kind: 'create' })])
    expect(calls).toHaveLength(1)
  })

  it('without devices asks for nothing', async () => {
    const session = open()
    session.goWithoutDevices()
    await session.begin({ kind: 'create' })
    expect(only(medias).starts).toEqual([])
    expect(calls).toHaveLength(1)
  })
})

describe('a call', () => {
  it('shows its code in the address and leaves a mark for a reload', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    only(calls).call.change(waiting)
    expect(path).toBe('/4821')
    only(medias).change({ microphone: { state: 'muted' } })

    const again = open({ isReturning: true })
    expect(screenOf(again).at).toBe('call')
    expect(calls[1]?.options.room).toEqual({ kind: 'join', code, ifEmpty: 'wait' })
    expect(medias[1]?.starts).toEqual([{ camera: true, microphone: false }])
  })

  it('is come back to although it hangs up while the page goes', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    const { call } = only(calls)
    call.change(waiting)
    session.depart()
    call.leave()
    expect(screenOf(open({ isReturning: true })).at).toBe('call')
  })

  it('is not come back to by a link that is opened anew', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    only(calls).call.change(waiting)
    expect(screenOf(open())).toMatchObject({ at: 'home', arrival: { kind: 'code', code } })
  })

  it('that one left tells how long it was, stops the devices and leaves no mark', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    const { call } = only(calls)
    call.change({ status: { phase: 'inCall', sinceMs: Date.now() - 60_000 }, code })
    call.leave()
    const screen = screenOf(session)
    expect(screen).toMatchObject({ at: 'ended', reason: 'left', code })
    expect(screen.at === 'ended' ? screen.talkedMs : 0).toBeGreaterThanOrEqual(60_000)
    expect(medias[0]?.isClosed).toBe(true)
    expect(screenOf(open({ isReturning: true })).at).toBe('home')
  })

  it('that failed keeps the devices for the next try, and says when that may be', async () => {
    const session = open()
    await session.begin({ kind: 'join', code, ifEmpty: 'refuse' })
    const before = Date.now()
    only(calls).call.change({ status: { phase: 'ended', reason: 'tooManyTries', retryAfterMs: 30_000 } })
    const screen = screenOf(session)
    expect(only(medias).isClosed).toBe(false)
    expect(screen).toMatchObject({ at: 'ended', code, talkedMs: null })
    expect(screen.at === 'ended' ? screen.retryAtMs : 0).toBeGreaterThanOrEqual(before + 30_000)
  })

  it('is hung up by the back button', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    only(calls).call.change(waiting)
    path = '/'
    session.followAddress()
    expect(screenOf(session)).toMatchObject({ at: 'ended', reason: 'left' })
  })
})

describe('arriving', () => {
  it('in a browser that cannot make calls says so at once', () => {
    expect(screenOf(open({ hasWebRtc: false }))).toMatchObject({ at: 'ended', reason: 'webRtcMissing' })
  })

  it('starts the devices by itself where they were allowed before', async () => {
    const session = open({ isAllowed: true })
    await expect.poll(() => session.getSnapshot().consent).toBe('asked')
    expect(only(medias).starts).toHaveLength(1)
  })

  it('by a link fills in its code, which a reload still finds', () => {
    path = '/4821'
    fragment = 'canoe-velvet-maple'
    expect(screenOf(open())).toMatchObject({ at: 'home', arrival: { kind: 'code', code } })
    expect(fragment).toBeNull()
    expect(screenOf(open({ isReturning: true }))).toMatchObject({
      at: 'home',
      arrival: { kind: 'code', code },
    })
  })

  it('by a link that lost its secret says so', () => {
    path = '/4821'
    expect(screenOf(open())).toMatchObject({
      arrival: { kind: 'broken', room: '4821', problem: { problem: 'linkWithoutSecret' } },
    })
  })

  it('keeps what is secret in the tab alone', async () => {
    path = '/4821'
    fragment = 'canoe-velvet-maple'
    const session = open()
    await session.begin({ kind: 'join', code, ifEmpty: 'refuse' })
    session.setPreferences({ name: 'Ann' })
    expect(lastStore.getItem('crowfly.preferences')).not.toMatch(/canoe|velvet|maple/)
    expect(tabStore.getItem('crowfly.codes')).toContain('canoe-velvet-maple')
  })
})

describe('a link that is opened while the page shows', () => {
  const paste = (session: Session, room: string, secret: string) => {
    path = `/${room}`
    fragment = secret
    session.followAddress()
  }

  it('fills in its code', () => {
    const session = open()
    paste(session, '4821', 'canoe-velvet-maple')
    expect(screenOf(session)).toMatchObject({ at: 'home', arrival: { code } })
    paste(session, '4821', 'acid-acid-acid')
    expect(screenOf(session)).toMatchObject({ at: 'home', arrival: { code: otherCode } })
  })

  it('to the call that one is in changes nothing, broken or not', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    only(calls).call.change(waiting)
    const before = screenOf(session)
    paste(session, '4821', 'canoe-velvet-maple')
    paste(session, '4821', 'zzz')
    session.followAddress()
    expect(screenOf(session)).toBe(before)
  })

  it('to another room leaves the call for it', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    const { call } = only(calls)
    call.change(waiting)
    paste(session, '4821', 'acid-acid-acid')
    expect(call.getSnapshot().status).toMatchObject({ phase: 'ended', reason: 'left' })
    expect(screenOf(session)).toMatchObject({ at: 'home', arrival: { code: otherCode } })
  })
})

describe('the back and forward buttons', () => {
  it('find the code of a room that was left', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    only(calls).call.change(waiting)
    path = '/'
    session.followAddress()
    path = '/4821'
    session.followAddress()
    expect(screenOf(session)).toMatchObject({ at: 'home', arrival: { kind: 'code', code } })
  })
})

describe('a look at the room ahead of the call', () => {
  it('is taken once, and given to the call', async () => {
    const session = open()
    session.prepare(code)
    session.prepare(codeOf('4821 canoe velvet maple'))
    await session.begin({ kind: 'join', code, ifEmpty: 'refuse' })
    expect(looks).toEqual(['look canoe', 'join canoe'])
  })

  it('is given up for another code, and for another call', async () => {
    const session = open()
    session.prepare(code)
    session.prepare(otherCode)
    await session.begin({ kind: 'create' })
    expect(looks).toEqual(['look canoe', 'close canoe', 'look acid', 'close acid', 'join'])
  })
})

describe('a new code', () => {
  it('leaves the call for one of its own, with the devices as they are', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    only(calls).call.change({ status: { phase: 'inCall', sinceMs: 0 }, code, guessing: 'closed' })
    session.startOver()
    expect(calls[0]?.call.getSnapshot().status).toMatchObject({ phase: 'ended', reason: 'left' })
    expect(calls[1]?.options.room).toEqual({ kind: 'create' })
    expect([screenOf(session).at, only(medias).isClosed]).toEqual(['call', false])
  })

  it('is typed anew where people made the secret up', () => {
    const session = open()
    const own = parseChosenCode('book club', 'ten letters')
    if ('problem' in own) throw new TypeError(own.problem)
    session.goHome(own)
    expect(screenOf(session)).toMatchObject({ arrival: { kind: 'broken', room: 'book-club' } })
    session.goHome(code)
    expect(screenOf(session)).toMatchObject({ arrival: { kind: 'code', code } })
  })
})

describe('the https address of this page', () => {
  it('brings along the code, which that page could not know', async () => {
    path = '/4821'
    fragment = 'canoe-velvet-maple'
    const session = open()
    expect(session.secureLink).toBe('https://call.example/4821#canoe-velvet-maple')
    await session.begin({ kind: 'join', code: otherCode, ifEmpty: 'refuse' })
    expect(session.secureLink).toBe('https://call.example/4821#acid-acid-acid')
    session.goHome()
    expect(session.secureLink).toBe('https://call.example/')
  })
})
