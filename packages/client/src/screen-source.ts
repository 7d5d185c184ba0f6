import type { SourceStatus } from './local-media.ts'
import type { MediaDevicesLike } from './media-platform.ts'
import { classifyScreenError } from './media-problem.ts'

const SCREEN_CONSTRAINTS: MediaTrackConstraints = { frameRate: { ideal: 15, max: 30 } }

/** The shared screen: at most one question open, at most one track. */
export class ScreenSource {
  readonly #devices: MediaDevicesLike | null
  readonly #onChange: () => void
  #status: SourceStatus = { state: 'off' }
  #track: MediaStreamTrack | null = null
  #question: Promise<void> | null = null
  #isWanted = false

  constructor(devices: MediaDevicesLike | null, onChange: () => void) {
    this.#devices = devices
    this.#onChange = onChange
  }

  get status(): SourceStatus {
    return this.#status
  }

  get track(): MediaStreamTrack | null {
    return this.#track
  }

  get isSupported(): boolean {
    return this.#devices?.getDisplayMedia !== undefined
  }

  /** Asks once: a second call while the question stands waits for the same answer. */
  async start(): Promise<void> {
    if (this.#track !== null) return
    if (!this.isSupported) {
      this.#setStatus({ state: 'failed', problem: 'unsupported' })
      return
    }
    this.#isWanted = true
    this.#setStatus({ state: 'starting' })
    this.#question ??= this.#ask()
    await this.#question
  }

  stop(): void {
    this.#isWanted = false
    this.#track?.removeEventListener('ended', this.#handleEnded)
    this.#track?.stop()
    this.#track = null
    this.#setStatus({ state: 'off' })
  }

  async #ask(): Promise<void> {
    try {
      const stream = await this.#devices?.getDisplayMedia?.({ video: SCREEN_CONSTRAINTS, audio: false })
      this.#question = null
      this.#take(stream?.getTracks() ?? [])
    } catch (error) {
      this.#question = null
      if (this.#isWanted) this.#setStatus({ state: 'failed', problem: classifyScreenError(error) })
    }
  }

  #take(tracks: readonly MediaStreamTrack[]): void {
    const [track, ...others] = tracks
    for (const other of others) other.stop()
    if (track === undefined || !this.#isWanted) {
      track?.stop()
      this.#setStatus({ state: 'off' })
      return
    }
    // Sharp text matters more than smooth motion.
    track.contentHint = 'detail'
    track.addEventListener('ended', this.#handleEnded)
    this.#track = track
    this.#setStatus({ state: 'on' })
  }

  // The browser's own "Stop sharing" button, or the shared window was closed.
  readonly #handleEnded = () => this.stop()

  #setStatus(status: SourceStatus): void {
    this.#status = status
    this.#onChange()
  }
}
