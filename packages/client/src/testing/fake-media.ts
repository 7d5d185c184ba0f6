import type { LocalMedia, LocalMediaSnapshot } from '../local-media.ts'
import { SnapshotStore } from '../snapshot-store.ts'

let lastId = 0

/** A track that carries nothing but its own state. */
export class FakeTrack extends EventTarget implements MediaStreamTrack {
  readonly id = `track-${++lastId}`
  readonly kind: 'audio' | 'video'
  readonly label = ''
  contentHint = ''
  enabled = true
  muted = false
  readyState: MediaStreamTrackState = 'live'
  onended = null
  onmute = null
  onunmute = null
  readonly #deviceId: string

  constructor(kind: 'audio' | 'video', deviceId = 'device') {
    super()
    this.kind = kind
    this.#deviceId = deviceId
  }

  stop(): void {
    this.readyState = 'ended'
  }

  /** The device goes away, which `stop` does not report. */
  unplug(): void {
    this.readyState = 'ended'
    this.dispatchEvent(new Event('ended'))
  }

  clone(): MediaStreamTrack {
    return new FakeTrack(this.kind, this.#deviceId)
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.#deviceId }
  }

  getCapabilities(): MediaTrackCapabilities {
    return {}
  }

  getConstraints(): MediaTrackConstraints {
    return {}
  }

  async applyConstraints(): Promise<void> {}
}

/** A stream that is a list of tracks. */
export class FakeStream extends EventTarget implements MediaStream {
  readonly id = `stream-${++lastId}`
  onaddtrack = null
  onremovetrack = null
  readonly #tracks: MediaStreamTrack[]

  constructor(tracks: readonly MediaStreamTrack[] = []) {
    super()
    this.#tracks = [...tracks]
  }

  get active(): boolean {
    return this.#tracks.some((track) => track.readyState === 'live')
  }

  addTrack(track: MediaStreamTrack): void {
    if (!this.#tracks.includes(track)) this.#tracks.push(track)
  }

  removeTrack(track: MediaStreamTrack): void {
    const index = this.#tracks.indexOf(track)
    if (index >= 0) this.#tracks.splice(index, 1)
  }

  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks]
  }

  getAudioTracks(): MediaStreamTrack[] {
    return this.#tracks.filter((track) => track.kind === 'audio')
  }

  getVideoTracks(): MediaStreamTrack[] {
    return this.#tracks.filter((track) => track.kind === 'video')
  }

  getTrackById(id: string): MediaStreamTrack | null {
    return this.#tracks.find((track) => track.id === id) ?? null
  }

  clone(): MediaStream {
    return new FakeStream(this.#tracks)
  }
}

const everythingOff: LocalMediaSnapshot = {
  microphone: { state: 'off' },
  camera: { state: 'off' },
  screen: { state: 'off' },
  microphones: [],
  cameras: [{ deviceId: 'camera', label: 'Camera 1' }],
  speakers: [],
  microphoneId: null,
  cameraId: null,
  speakerId: null,
  microphoneTrack: null,
  cameraTrack: null,
  screenTrack: null,
  canShareScreen: true,
}

/** Local media that has every device and starts it at once. */
export class FakeMedia extends SnapshotStore<LocalMediaSnapshot> implements LocalMedia {
  constructor() {
    super(everythingOff)
  }

  async start(wanted: { camera: boolean; microphone: boolean }): Promise<void> {
    if (wanted.camera) await this.setCamera(true)
    if (wanted.microphone) await this.setMicrophone(true)
  }

  async setCamera(isOn: boolean): Promise<void> {
    this.update({ camera: { state: isOn ? 'on' : 'off' }, cameraTrack: isOn ? new FakeTrack('video') : null })
  }

  async setMicrophone(isOn: boolean): Promise<void> {
    const microphoneTrack = this.getSnapshot().microphoneTrack ?? (isOn ? new FakeTrack('audio') : null)
    if (microphoneTrack === null) return
    this.update({ microphone: { state: isOn ? 'on' : 'muted' }, microphoneTrack })
  }

  async selectCamera(): Promise<void> {
    if (this.getSnapshot().cameraTrack !== null) await this.setCamera(true)
  }

  async selectMicrophone(): Promise<void> {}

  selectSpeaker(): void {}

  async startScreen(): Promise<void> {
    this.update({ screen: { state: 'on' }, screenTrack: new FakeTrack('video') })
  }

  stopScreen(): void {
    this.update({ screen: { state: 'off' }, screenTrack: null })
  }

  close(): void {
    this.update(everythingOff)
  }
}
