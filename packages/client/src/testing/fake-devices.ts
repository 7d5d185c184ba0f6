import type { MediaDevicesLike, MediaPlatform } from '../media-platform.ts'
import { FakeStream, FakeTrack } from './fake-media.ts'

/** A question that the page put to the browser, to be answered by the test. */
export interface Question {
  readonly constraints: MediaStreamConstraints
  readonly allow: () => readonly FakeTrack[]
  readonly refuse: (name: string, message?: string) => void
}

/** `navigator.mediaDevices` whose every question waits for the test's answer. */
export class FakeDevices implements MediaDevicesLike {
  readonly questions: Question[] = []
  readonly screenQuestions: Question[] = []
  /** All tracks given out. */
  readonly tracks: FakeTrack[] = []
  devices: Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[] = [
    { kind: 'audioinput', deviceId: 'mic-1', label: 'Desk microphone' },
    { kind: 'videoinput', deviceId: 'cam-1', label: '' },
    { kind: 'videoinput', deviceId: 'cam-2', label: '' },
    { kind: 'audiooutput', deviceId: 'speaker-1', label: 'Speaker' },
  ]
  readonly #listeners = new Set<() => void>()

  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    return this.#ask(this.questions, constraints)
  }

  getDisplayMedia(options: DisplayMediaStreamOptions): Promise<MediaStream> {
    return this.#ask(this.screenQuestions, { video: options.video ?? false })
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return this.devices.map((device) => ({ ...device, groupId: '', toJSON: () => device }))
  }

  addEventListener(_type: 'devicechange', listener: () => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'devicechange', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** Another list of devices, and the event that says so. */
  change(devices: FakeDevices['devices']): void {
    this.devices = devices
    for (const listener of this.#listeners) listener()
  }

  /** Those that are still running. */
  get live(): readonly FakeTrack[] {
    return this.tracks.filter((track) => track.readyState === 'live')
  }

  #ask(questions: Question[], constraints: MediaStreamConstraints): Promise<MediaStream> {
    const { promise, resolve, reject } = withResolvers<MediaStream>()
    questions.push({
      constraints,
      allow: () => {
        const tracks: FakeTrack[] = []
        if (constraints.audio) tracks.push(new FakeTrack('audio', exactId(constraints.audio) ?? 'mic-1'))
        if (constraints.video) tracks.push(new FakeTrack('video', exactId(constraints.video) ?? 'cam-1'))
        this.tracks.push(...tracks)
        resolve(new FakeStream(tracks))
        return tracks
      },
      refuse: (name, message = '') => reject(new DOMException(message, name)),
    })
    return promise
  }
}

export function platformOf(devices: FakeDevices, changes: Partial<MediaPlatform> = {}): MediaPlatform {
  return { devices, isSecureContext: true, canSelectSpeaker: true, storage: null, ...changes }
}

/** The device that constraints insist on. */
export function exactId(constraints: boolean | MediaTrackConstraints | undefined): string | null {
  if (typeof constraints !== 'object') return null
  const id = constraints.deviceId
  return typeof id === 'object' && 'exact' in id && typeof id.exact === 'string' ? id.exact : null
}

// Node 20 has no Promise.withResolvers.
function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((take, refuse) => {
    resolve = take
    reject = refuse
  })
  return { promise, resolve, reject }
}
