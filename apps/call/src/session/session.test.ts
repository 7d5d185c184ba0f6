import type { Call, CallSnapshot, JoinOptions, LocalMedia, LocalMediaSnapshot } from '@crowfly/client'
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
  leave(): void {
    this.change({ status: { phase: 'ended', reason: 'left' } })
  }
}

const connecting: CallSnapshot = {
  status: { phase: 'connecting' },
  server: 'connecting',
  code: null,
  selfId: null,
  callers: [],
  peers: [],
  chat: [],
  notices: [],
}
const waiting: Partial<CallSnapshot> = { status: { phase: 'waiting', alone: 'first' }, code: 'k7qf2x9m4d' }

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
let calls: { call: ScriptedCall; options: JoinOptions }[]
let tabStore: Storage
let path: string
let answer: Partial<LocalMediaSnapshot>

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
      join: (options) => {
        const call = new ScriptedCall(connecting)
        calls.push({ call, options })
        return call
      },
    },
    address: {
      get codeText() {
        return path.slice(1)
      },
      linkTo: (code) => `https://call.example/${code}`,
      show: (code) => {
        path = `/${code ?? ''}`
      },
    },
    store: memory(),
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
    expect(path).toBe('/k7qf2x9m4d')
    only(medias).change({ microphone: { state: 'muted' } })

    const again = open({ isReturning: true })
    expect(screenOf(again).at).toBe('call')
    expect(calls[1]?.options.room).toEqual({ kind: 'join', code: 'k7qf2x9m4d', ifEmpty: 'wait' })
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
    expect(screenOf(open())).toEqual({ at: 'home', codeText: 'k7qf2x9m4d' })
  })

  it('that one left tells how long it was, stops the devices and leaves no mark', async () => {
    const session = open()
    await session.begin({ kind: 'create' })
    const { call } = only(calls)
    call.change({ status: { phase: 'inCall', sinceMs: Date.now() - 60_000 }, code: 'k7qf2x9m4d' })
    call.leave()
    const screen = screenOf(session)
    expect(screen).toMatchObject({ at: 'ended', reason: 'left', code: 'k7qf2x9m4d' })
    expect(screen.at === 'ended' ? screen.talkedMs : 0).toBeGreaterThanOrEqual(60_000)
    expect(medias[0]?.isClosed).toBe(true)
    expect(screenOf(open({ isReturning: true })).at).toBe('home')
  })

  it('that failed keeps the devices for the next try, and says when that may be', async () => {
    const session = open()
    await session.begin({ kind: 'join', code: 'k7qf2x9m4d', ifEmpty: 'refuse' })
    const before = Date.now()
    only(calls).call.change({ status: { phase: 'ended', reason: 'tooManyTries', retryAfterMs: 30_000 } })
    const screen = screenOf(session)
    expect(only(medias).isClosed).toBe(false)
    expect(screen).toMatchObject({ at: 'ended', code: 'k7qf2x9m4d', talkedMs: null })
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

  it('fills in the code of the address', () => {
    path = '/k7qf2-x9m4d'
    expect(screenOf(open())).toEqual({ at: 'home', codeText: 'k7qf2-x9m4d' })
  })
})
