import type { DeviceChoice, LocalMedia, LocalMediaSnapshot, SourceStatus } from '@crowfly/client'
import { personStream, screenStream, voiceStream } from './fake-picture.ts'
import { FakeStore } from './fake-store.ts'
import { looks } from './portrait.ts'

const named = (...labels: string[]): DeviceChoice[] =>
  labels.map((label, index) => ({ deviceId: `${label} ${index}`, label }))

const off: LocalMediaSnapshot = {
  microphone: { state: 'off' },
  camera: { state: 'off' },
  screen: { state: 'off' },
  microphones: named('Built-in microphone', 'Headset'),
  cameras: named('Built-in camera', 'Desk camera with a rather long product name (046d:085e)'),
  speakers: named('Built-in speakers', 'Headset'),
  microphoneId: null,
  cameraId: null,
  speakerId: null,
  microphoneTrack: null,
  cameraTrack: null,
  screenTrack: null,
  canShareScreen: true,
}

/** Camera and microphone made of a canvas and an oscillator, or failing as a story wants. */
export class FakeMedia extends FakeStore<LocalMediaSnapshot> implements LocalMedia {
  readonly #outcome: Partial<LocalMediaSnapshot>

  /** `outcome` is laid over what `start` leads to. */
  constructor(outcome: Partial<LocalMediaSnapshot> = {}) {
    super(off)
    this.#outcome = outcome
  }

  async start(wanted: { camera: boolean; microphone: boolean }): Promise<void> {
    if (wanted.camera) await this.setCamera(true)
    if (wanted.microphone) await this.setMicrophone(true)
    this.change(this.#outcome)
  }

  async setCamera(isOn: boolean): Promise<void> {
    const look = looks[2]
    if (look === undefined) return
    const size = innerHeight > innerWidth ? { width: 480, height: 640 } : { width: 960, height: 600 }
    const track = isOn ? (personStream(look, size, false).getVideoTracks()[0] ?? null) : null
    this.change({ camera: status(isOn), cameraTrack: track })
  }

  async setMicrophone(isOn: boolean): Promise<void> {
    const track = isOn ? (voiceStream(0.006).getAudioTracks()[0] ?? null) : null
    this.change({ microphone: isOn ? { state: 'on' } : { state: 'muted' }, microphoneTrack: track })
  }

  async selectCamera(cameraId: string): Promise<void> {
    this.change({ cameraId })
  }

  async selectMicrophone(microphoneId: string): Promise<void> {
    this.change({ microphoneId })
  }

  selectSpeaker(speakerId: string): void {
    this.change({ speakerId })
  }

  async startScreen(): Promise<void> {
    this.change({ screen: { state: 'on' }, screenTrack: screenStream().getVideoTracks()[0] ?? null })
  }

  stopScreen(): void {
    this.change({ screen: { state: 'off' }, screenTrack: null })
  }

  close(): void {
    this.change(off)
  }
}

function status(isOn: boolean): SourceStatus {
  return isOn ? { state: 'on' } : { state: 'off' }
}
