import type { Call, LocalMedia, LocalMediaSnapshot, Observable } from '@crowfly/client'
import type { AddressBar } from './address.ts'
import { type Preferences, readPreferences, type TextStore, writePreferences } from './preferences.ts'
import { type ReturnMark, readReturnMark, writeReturnMark } from './return-mark.ts'
import { type RoomChoice, type Screen, screenAfter } from './screen.ts'
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
  readonly #listeners = new Set<() => void>()
  #snapshot: SessionSnapshot
  #wanted = { camera: true, microphone: true }
  #stopWatching = (): void => {}
  #asking: Promise<void> | null = null
  /** What was written last, so that a call's many changes do not each write it again. */
  #mark = ''

  constructor(options: SessionOptions) {
    this.#services = options.services
    this.#address = options.address
    this.#store = options.store
    this.#tabStore = options.tabStore
    this.#snapshot = {
      screen: { at: 'home', codeText: options.address.codeText },
      media: options.services.createLocalMedia(),
      consent: 'unasked',
      isBeginning: false,
      preferences: readPreferences(options.store),
    }
    if (!options.services.hasWebRtc) this.#showMissingWebRtc()
    else this.#arrive(options.isReturning ? readReturnMark(options.tabStore) : null)
  }

  getSnapshot(): SessionSnapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The link that leads others to `code`. */
  linkTo(code: string): string {
    return this.#address.linkTo(code)
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

  /** Back to the home page, with a code filled in where there is one to change. */
  goHome(codeText = ''): void {
    this.#stopWatching()
    this.#address.show(null)
    this.#change({ screen: { at: 'home', codeText } })
    if (this.#snapshot.consent === 'unasked') this.#startAllowedDevices()
  }

  /** The person used the browser's back or forward button. Hangs up a call that the address no longer names. */
  followAddress(): void {
    const { screen } = this.#snapshot
    if (screen.at === 'call') screen.call.leave()
    else this.#change({ screen: { at: 'home', codeText: this.#address.codeText } })
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

  #arrive(mark: ReturnMark | null): void {
    const { codeText } = this.#snapshot.screen.at === 'home' ? this.#snapshot.screen : { codeText: '' }
    if (mark === null || (codeText !== '' && codeText !== mark.code)) {
      this.#startAllowedDevices()
      return
    }
    this.#wanted = { camera: mark.camera, microphone: mark.microphone }
    void this.askForDevices()
    this.#join({ kind: 'join', code: mark.code, ifEmpty: 'wait' })
  }

  #join(room: RoomChoice): void {
    const { media, preferences } = this.#snapshot
    const call = this.#services.join({ room, name: preferences.name.trim(), media })
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

  #markReturn(code: string | null): void {
    if (code === null) return
    const devices = devicesInUse(this.#snapshot.media.getSnapshot())
    const mark = `${code} ${devices.camera} ${devices.microphone}`
    if (mark === this.#mark) return
    this.#mark = mark
    this.#address.show(code)
    writeReturnMark(this.#tabStore, { code, ...devices })
  }

  #end(screen: Screen): void {
    this.#stopWatching()
    this.#mark = ''
    writeReturnMark(this.#tabStore, null)
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

function devicesInUse(media: LocalMediaSnapshot): { camera: boolean; microphone: boolean } {
  return {
    camera: media.camera.state === 'on' || media.camera.state === 'starting',
    microphone: media.microphone.state === 'on' || media.microphone.state === 'starting',
  }
}
