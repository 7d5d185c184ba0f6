import type { Observable } from './snapshot.ts'

/** Why a camera, microphone or screen is not there, told apart as far as browsers let one. */
export type MediaProblem =
  | 'insecureContext' // the page was not opened over HTTPS or localhost
  | 'denied' // the person or a policy said no
  | 'dismissed' // the question was closed without an answer
  | 'notFound'
  | 'inUse' // another program holds it, or the system could not start it
  | 'unsupported'
  | 'ended' // it was there and went away (unplugged, stopped by the system)

export type SourceStatus =
  | { state: 'off' }
  | { state: 'starting' }
  | { state: 'on' }
  /** Microphone only: the device is held, silence is sent. */
  | { state: 'muted' }
  | { state: 'failed'; problem: MediaProblem }

export interface DeviceChoice {
  readonly deviceId: string
  /** The device's name, or "Camera 2" while the browser withholds it. */
  readonly label: string
}

export interface LocalMediaSnapshot {
  readonly microphone: SourceStatus
  readonly camera: SourceStatus
  readonly screen: SourceStatus
  readonly microphones: readonly DeviceChoice[]
  readonly cameras: readonly DeviceChoice[]
  /** Empty where the browser cannot choose a speaker. */
  readonly speakers: readonly DeviceChoice[]
  readonly microphoneId: string | null
  readonly cameraId: string | null
  readonly speakerId: string | null
  readonly microphoneTrack: MediaStreamTrack | null
  readonly cameraTrack: MediaStreamTrack | null
  readonly screenTrack: MediaStreamTrack | null
  readonly canShareScreen: boolean
}

/**
 * This device's camera, microphone and screen, apart from any call: a preview uses it first, a call then sends
 * what it holds and follows every change. No method rejects: what went wrong is in the snapshot.
 */
export interface LocalMedia extends Observable<LocalMediaSnapshot> {
  /** Asks for what is wanted in one question, and for each alone when the pair is refused. */
  start(wanted: { camera: boolean; microphone: boolean }): Promise<void>
  /** Off stops the device (its light goes out); on asks for it again. */
  setCamera(isOn: boolean): Promise<void>
  /** Muting keeps the device and sends silence. On asks for the device when there is none. */
  setMicrophone(isOn: boolean): Promise<void>
  /** Changes the device at once when it is in use; otherwise remembers the choice. */
  selectCamera(deviceId: string): Promise<void>
  selectMicrophone(deviceId: string): Promise<void>
  selectSpeaker(deviceId: string): void
  startScreen(): Promise<void>
  stopScreen(): void
  /** Stops every device. Final. */
  close(): void
}
