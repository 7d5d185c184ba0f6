import { type DeviceList, sortDevices } from './device-list.ts'
import { DeviceMemory } from './device-memory.ts'
import { DeviceSource } from './device-source.ts'
import type { LocalMedia, LocalMediaSnapshot, MediaProblem, SourceStatus } from './local-media.ts'
import { browserMediaPlatform, type MediaDevicesLike, type MediaPlatform } from './media-platform.ts'
import { classifyMediaError } from './media-problem.ts'
import { ScreenSource } from './screen-source.ts'
import { SnapshotStore } from './snapshot-store.ts'

/** The page's camera, microphone and screen, all off. Asks for nothing until it is told to. */
export function createLocalMedia(): LocalMedia {
  return new BrowserMedia(browserMediaPlatform())
}

/** `LocalMedia` over a platform. All asking for devices goes through one loop, so that no two questions overlap. */
export class BrowserMedia implements LocalMedia {
  readonly #platform: MediaPlatform
  readonly #memory: DeviceMemory
  readonly #camera: DeviceSource
  readonly #microphone: DeviceSource
  readonly #screen: ScreenSource
  readonly #store: SnapshotStore<LocalMediaSnapshot>
  #list: DeviceList = { microphones: [], cameras: [], speakers: [] }
  #reconciling: Promise<void> | null = null
  #isClosed = false

  constructor(platform: MediaPlatform) {
    this.#platform = platform
    this.#memory = new DeviceMemory(platform.storage)
    const publish = () => this.#publish()
    this.#camera = new DeviceSource('camera', this.#memory.ids.camera, publish)
    this.#microphone = new DeviceSource('microphone', this.#memory.ids.microphone, publish)
    this.#screen = new ScreenSource(platform.devices, publish)
    this.#store = new SnapshotStore(this.#compose(null))
    platform.devices?.addEventListener('devicechange', this.#handleDeviceChange)
    void this.#refreshList()
  }

  getSnapshot = (): LocalMediaSnapshot => this.#store.getSnapshot()

  subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  async start(wanted: { camera: boolean; microphone: boolean }): Promise<void> {
    if (this.#isClosed) return
    if (wanted.camera) this.#camera.want(true)
    if (wanted.microphone) {
      this.#microphone.mute(false)
      this.#microphone.want(true)
    }
    await this.#reconcile()
  }

  async setCamera(isOn: boolean): Promise<void> {
    if (this.#isClosed) return
    this.#camera.want(isOn)
    await this.#reconcile()
  }

  async setMicrophone(isOn: boolean): Promise<void> {
    if (this.#isClosed) return
    this.#microphone.mute(!isOn)
    if (isOn) this.#microphone.want(true)
    await this.#reconcile()
  }

  async selectCamera(deviceId: string): Promise<void> {
    if (this.#isClosed) return
    this.#memory.remember({ camera: deviceId })
    this.#camera.select(deviceId)
    await this.#reconcile()
  }

  async selectMicrophone(deviceId: string): Promise<void> {
    if (this.#isClosed) return
    this.#memory.remember({ microphone: deviceId })
    this.#microphone.select(deviceId)
    await this.#reconcile()
  }

  selectSpeaker(deviceId: string): void {
    if (this.#isClosed || !this.#platform.canSelectSpeaker) return
    this.#memory.remember({ speaker: deviceId })
    this.#publish()
  }

  async startScreen(): Promise<void> {
    if (this.#isClosed) return
    await this.#screen.start()
  }

  stopScreen(): void {
    this.#screen.stop()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#platform.devices?.removeEventListener('devicechange', this.#handleDeviceChange)
    this.#camera.want(false)
    this.#microphone.want(false)
    this.#screen.stop()
    this.#publish()
  }

  /** Brings the devices to what is wanted; ends when there is nothing left to ask for. */
  #reconcile(): Promise<void> {
    this.#reconciling ??= this.#openMissing()
    this.#publish()
    return this.#reconciling
  }

  async #openMissing(): Promise<void> {
    // Left to a microtask, so that all wishes of one turn make one question.
    await Promise.resolve()
    for (;;) {
      const missing = [this.#camera, this.#microphone].filter((source) => source.isMissing)
      if (missing.length === 0) {
        this.#reconciling = null
        return
      }
      await this.#open(missing)
      await this.#refreshList()
      this.#publish()
    }
  }

  async #open(sources: readonly DeviceSource[]): Promise<void> {
    const devices = this.#platform.devices
    if (devices === null) {
      const problem: MediaProblem = this.#platform.isSecureContext ? 'unsupported' : 'insecureContext'
      for (const source of sources) source.fail(problem)
      return
    }
    for (const source of sources) source.prepare()
    this.#publish()
    const problem = await this.#ask(devices, sources, true)
    if (problem === null) return
    if (sources.length === 1 || problem === 'dismissed') {
      for (const source of sources) source.fail(problem)
      return
    }
    for (const source of sources) {
      if (!source.isMissing) continue
      const own = await this.#ask(devices, [source], true)
      if (own !== null) source.fail(own)
    }
  }

  /** One question. Where a chosen device has gone, asks once more for any. */
  async #ask(
    devices: MediaDevicesLike,
    sources: readonly DeviceSource[],
    isExact: boolean,
  ): Promise<MediaProblem | null> {
    const asked = sources.map((source) => ({ source, id: source.selectedId }))
    try {
      const stream = await devices.getUserMedia(constraintsFor(sources, isExact))
      for (const { source, id } of asked) {
        const tracks = source.kind === 'camera' ? stream.getVideoTracks() : stream.getAudioTracks()
        const [track] = tracks
        if (track === undefined) source.fail('notFound')
        else source.take(track, id)
      }
      return null
    } catch (error) {
      const problem = classifyMediaError(error)
      const hasChoice = asked.some(({ id }) => id !== null)
      if (problem === 'notFound' && isExact && hasChoice) return this.#ask(devices, sources, false)
      return problem
    }
  }

  readonly #handleDeviceChange = () => {
    void this.#refreshList().then(() => this.#publish())
  }

  async #refreshList(): Promise<void> {
    try {
      const devices = await this.#platform.devices?.enumerateDevices()
      if (devices === undefined || this.#isClosed) return
      this.#list = sortDevices(devices, this.#platform.canSelectSpeaker)
      this.#publish()
    } catch {
      // A list that can not be had leaves the last one standing; choosing is all that it serves.
    }
  }

  #publish(): void {
    this.#store.update(this.#compose(this.#store.getSnapshot()))
  }

  /** Keeps status objects that say the same, so that an unchanged part stays the same object. */
  #compose(last: LocalMediaSnapshot | null): LocalMediaSnapshot {
    return {
      microphone: sameStatus(last?.microphone, this.#microphone.status),
      camera: sameStatus(last?.camera, this.#camera.status),
      screen: sameStatus(last?.screen, this.#screen.status),
      microphones: this.#list.microphones,
      cameras: this.#list.cameras,
      speakers: this.#list.speakers,
      microphoneId: this.#microphone.deviceId,
      cameraId: this.#camera.deviceId,
      speakerId: this.#memory.ids.speaker,
      microphoneTrack: this.#microphone.track,
      cameraTrack: this.#camera.track,
      screenTrack: this.#screen.track,
      canShareScreen: this.#screen.isSupported,
    }
  }
}

function sameStatus(last: SourceStatus | undefined, next: SourceStatus): SourceStatus {
  if (last === undefined || last.state !== next.state) return next
  return last.state === 'failed' && next.state === 'failed' && last.problem !== next.problem ? next : last
}

function constraintsFor(sources: readonly DeviceSource[], isExact: boolean): MediaStreamConstraints {
  const constraints: MediaStreamConstraints = {}
  for (const source of sources) {
    const id = isExact ? source.selectedId : null
    const device: MediaTrackConstraints = id === null ? {} : { deviceId: { exact: id } }
    if (source.kind === 'camera') {
      constraints.video = {
        ...device,
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
      }
    } else {
      constraints.audio = { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    }
  }
  return constraints
}
