import type { Call, LocalMedia, LocalMediaSnapshot, Observable } from '@crowfly/client'
import { formatRoomLink, type RoomCode } from '@crowfly/pairing'
import type { AddressBar } from './address.ts'
import { type Arrival, readArrival } from './arrival.ts'
import { CodeMemory } from './code-memory.ts'
import { type Preferences, readPreferences, type TextStore, writePreferences } from './preferences.ts'
import { type ReturnMark, readReturnMark, writeReturnMark } from './return-mark.ts'
import { RoomLook } from './room-look.ts'
import { isSameCode } from './same-code.ts'
import { type HomeScreen, type RoomChoice, type Screen, screenAfter } from './screen.ts'
import type { Services } from './services.ts'

/** Whether the browser has been asked for camera and microphone. */
export type DeviceConsent = 'unasked' | 'asking' | 'asked' | 'without'

/** Everything above a single call. */
export interface SessionSnapshot {
  readonly screen: Screen
  readonly media: LocalMedia
  readonly consent: DeviceConsent
  /** A button was pressed that begins a call as soon as the browser has answered. */
  readonly isBeginning: boolean
  readonly preferences: Preferences
}

/** What a session stands on. */
export interface SessionOptions {
  readonly services: Services
  readonly address: AddressBar
  /** Lasts between visits. */
  readonly store: TextStore
  /** Lasts as long as the tab. */
  readonly tabStore: TextStore
  /** Whether the page was reloaded or restored, and so may come back to its call by itself. */
  readonly isReturning: boolean
}

/** One visit to the app: which screen shows, the devices and what is remembered. Outlives its calls. */
export class Session implements Observable<SessionSnapshot> {
  readonly #services: Services
  readonly #address: AddressBar
  readonly #store: TextStore
  readonly #tabStore: TextStore
  readonly #codes: CodeMemory
  readonly #look: RoomLook
  readonly #listeners = new Set<() => void>()
  #snapshot: SessionSnapshot
  #visits = 0
  #wanted = { camera: true, microphone: true }
  #stopWatching = (): void => {}
  #asking: Promise<void> | null = null
  /** What was written last, so that a call's many changes do not each write it again. */
  #mark: ReturnMark | null = null

  constructor(options: SessionOptions) {
    this.#services = options.services
    this.#address = options.address
    this.#store = options.store
    this.#tabStore = options.tabStore
    this.#codes = new CodeMemory(options.tabStore)
    this.#look = new RoomLook(options.services)
    const arrival = this.#readAddress(options.address.takeFragment())
    this.#snapshot = {
      screen: this.#homeScreen(arrival),
      media: options.services.createLocalMedia(),
      consent: 'unasked',
      isBeginning: false,
      preferences: readPreferences(options.store),
    }
    if (!options.services.hasWebRtc) this.#showMissingWebRtc()
    else this.#arrive(arrival, options.isReturning ? readReturnMark(options.tabStore) : null)
  }

  getSnapshot(): SessionSnapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Where the app's code was loaded from. */
  get host(): string {
    return this.#address.host
  }

  /** The link that leads others to the room, with its secret. */
  linkTo(code: RoomCode): string {
    return this.#address.linkTo(code)
  }

  /** This page on https, where what the tab knows of the room has to be brought along. */
  get secureLink(): string {
    const { screen } = this.#snapshot
    const arrived = screen.at === 'home' && screen.arrival.kind === 'code' ? screen.arrival.code : null
    const code = screen.at === 'call' ? codeOf(screen.call, screen.room) : arrived
    const origin = `https://${this.host}`
    return code === null ? `${origin}/` : formatRoomLink(origin, code)
  }

  /** Looks at the room of a code that is about to be used, so that the press on Connect is fast; null for no more. */
  prepare(code: RoomCode | null): void {
    this.#look.at(code)
  }

  /** Asks the browser for what the person had on last, once at a time; resolves when it has answered. */
  async askForDevices(): Promise<void> {
    this.#asking ??= this.#ask()
    await this.#asking
  }

  /** Goes on with neither camera nor microphone; both can still be turned on later. */
  goWithoutDevices(): void {
    this.#change({ consent: 'without' })
  }

  /**
   * Begins a call. Asks for devices first when that has not happened; stays where it is, with the problem on show,
   * when the answer was no. The next press goes on without.
   */
  async begin(room: RoomChoice): Promise<void> {
    const { screen, consent, isBeginning } = this.#snapshot
    if (isBeginning) return
    if (consent === 'unasked' || consent === 'asking') {
      this.#change({ isBeginning: true })
      await this.askForDevices()
      this.#change({ isBeginning: false })
      const { camera, microphone } = this.#snapshot.media.getSnapshot()
      if (screen.at === 'home' && camera.state === 'failed' && microphone.state === 'failed') return
      if (this.#snapshot.screen !== screen) return
    }
    this.#join(room)
  }

  /** Leaves the call and starts one under a new code, with the devices as they are. */
  startOver(): void {
    const { screen } = this.#snapshot
    this.#stopWatching()
    if (screen.at === 'call') screen.call.leave()
    this.#forgetCall()
    this.#join({ kind: 'create' })
  }

  /** Back to the home page, with a code filled in where there is one to change. */
  goHome(code: RoomCode | null = null): void {
    this.#stopWatching()
    this.#address.show(null)
    this.#showHome(code === null ? { kind: 'none' } : arrivalOf(code))
  }

  /**
   * The address has changed while the page stayed: by the back or forward button, or by a link to be opened here.
   * Hangs up a call that the address no longer names.
   */
  followAddress(): void {
    const fragment = this.#address.takeFragment()
    const { screen } = this.#snapshot
    const arrival = this.#readAddress(fragment)
    if (screen.at !== 'call') {
      this.#showHome(arrival)
      return
    }
    const code = codeOf(screen.call, screen.room)
    const isSameRoom = code !== null && this.#address.room === code.nameplate
    if (isSameRoom && (arrival.kind !== 'code' || isSameCode(arrival.code, code))) return
    screen.call.leave()
    if (fragment !== null) this.#showHome(arrival)
  }

  /** The page goes away. The call ends with it, but the mark stays: a reloaded page comes back. */
  depart(): void {
    this.#stopWatching()
  }

  setPreferences(changed: Partial<Preferences>): void {
    const preferences = { ...this.#snapshot.preferences, ...changed }
    writePreferences(this.#store, preferences)
    this.#change({ preferences })
  }

  async #ask(): Promise<void> {
    const { media } = this.#snapshot
    this.#change({ consent: 'asking' })
    if (this.#wanted.camera || this.#wanted.microphone) await media.start(this.#wanted)
    this.#asking = null
    if (this.#snapshot.media === media) this.#change({ consent: 'asked' })
  }

  #arrive(arrival: Arrival, mark: ReturnMark | null): void {
    const code = mark === null ? null : this.#codes.recall(mark.nameplate)
    const isElsewhere =
      arrival.kind !== 'none' && !(arrival.kind === 'code' && isSameCode(arrival.code, code))
    if (mark === null || code === null || isElsewhere) {
      this.#startAllowedDevices()
      return
    }
    this.#wanted = { camera: mark.camera, microphone: mark.microphone }
    void this.askForDevices()
    this.#join({ kind: 'join', code, ifEmpty: 'wait' })
  }

  /** What the address and `fragment`, which stood in it, bring; a code is kept for a reload. */
  #readAddress(fragment: string | null): Arrival {
    const arrival = readArrival(this.#address.room, fragment, (room) => this.#codes.recall(room))
    if (arrival.kind === 'code') this.#codes.keep(arrival.code)
    return arrival
  }

  #homeScreen(arrival: Arrival): HomeScreen {
    this.#visits += 1
    return { at: 'home', arrival, visit: this.#visits }
  }

  #showHome(arrival: Arrival): void {
    this.#change({ screen: this.#homeScreen(arrival) })
    if (this.#snapshot.consent === 'unasked') this.#startAllowedDevices()
  }

  #join(room: RoomChoice): void {
    const { media, preferences } = this.#snapshot
    const way = this.#look.take(room) ?? this.#services
    const call = way.join({ room, name: preferences.name.trim(), media })
    this.#change({ screen: { at: 'call', call, room } })
    this.#watch(call)
  }

  #watch(call: Call): void {
    let talkingSinceMs: number | null = null
    const follow = (): void => {
      const snapshot = call.getSnapshot()
      if (snapshot.status.phase === 'inCall') talkingSinceMs = snapshot.status.sinceMs
      const screen = screenAfter(this.#snapshot.screen, snapshot, talkingSinceMs, Date.now())
      if (screen === this.#snapshot.screen) this.#markReturn(snapshot.code)
      else this.#end(screen)
    }
    const stops = [call.subscribe(follow), this.#snapshot.media.subscribe(follow)]
    this.#stopWatching = () => {
      for (const stop of stops) stop()
      this.#stopWatching = () => {}
    }
    follow()
  }

  #markReturn(code: RoomCode | null): void {
    if (code === null) return
    const mark = { nameplate: code.nameplate, ...devicesInUse(this.#snapshot.media.getSnapshot()) }
    if (isSameMark(mark, this.#mark)) return
    this.#mark = mark
    this.#codes.keep(code)
    this.#address.show(code.nameplate)
    writeReturnMark(this.#tabStore, mark)
  }

  #forgetCall(): void {
    this.#mark = null
    writeReturnMark(this.#tabStore, null)
  }

  #end(screen: Screen): void {
    this.#stopWatching()
    this.#forgetCall()
    const hasLeft = screen.at === 'ended' && screen.reason === 'left'
    if (!hasLeft) {
      this.#change({ screen })
      return
    }
    const { media, consent } = this.#snapshot
    this.#wanted = devicesInUse(media.getSnapshot())
    media.close()
    this.#change({
      screen,
      media: this.#services.createLocalMedia(),
      consent: consent === 'without' ? 'without' : 'unasked',
    })
  }

  #startAllowedDevices(): void {
    void this.#services.devicesAllowed().then((isAllowed) => {
      const { consent, screen } = this.#snapshot
      if (isAllowed && consent === 'unasked' && screen.at === 'home') return this.askForDevices()
      return undefined
    })
  }

  #showMissingWebRtc(): void {
    const screen: Screen = {
      at: 'ended',
      reason: 'webRtcMissing',
      room: { kind: 'create' },
      code: null,
      talkedMs: null,
      retryAtMs: null,
    }
    this.#change({ screen })
  }

  #change(changed: Partial<SessionSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...changed }
    for (const listener of this.#listeners) listener()
  }
}

/** A code to be changed. Of a room with a secret that people made up, the secret is typed anew. */
function arrivalOf(code: RoomCode): Arrival {
  if (code.kind !== 'chosen') return { kind: 'code', code }
  return { kind: 'broken', room: code.nameplate, words: '', problem: { problem: 'emptySecret' } }
}

/** The code of a call; of one that has not come so far, the code that it was begun with. */
function codeOf(call: Call, room: RoomChoice): RoomCode | null {
  return call.getSnapshot().code ?? (room.kind === 'join' ? room.code : null)
}

function isSameMark(one: ReturnMark, other: ReturnMark | null): boolean {
  return (
    one.nameplate === other?.nameplate && one.camera === other.camera && one.microphone === other.microphone
  )
}

function devicesInUse(media: LocalMediaSnapshot): { camera: boolean; microphone: boolean } {
  return {
    camera: media.camera.state === 'on' || media.camera.state === 'starting',
    microphone: media.microphone.state === 'on' || media.microphone.state === 'starting',
  }
}
