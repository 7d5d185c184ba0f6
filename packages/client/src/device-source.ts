import type { MediaProblem, SourceStatus } from './local-media.ts'

/**
 * The camera or the microphone: what the person wants of it, and what it is doing.
 *
 * Wishes change at once and from anywhere; the device follows one step at a time, and each step looks at the wish
 * again, so that on, off and on in quick succession ends as it was last asked.
 */
export class DeviceSource {
  readonly kind: 'camera' | 'microphone'
  readonly #onChange: () => void
  #isWanted = false
  #isMuted = false
  #selectedId: string | null
  #track: MediaStreamTrack | null = null
  /** The choice that the running track was asked for with. */
  #openedId: string | null = null
  #problem: MediaProblem | null = null

  constructor(kind: 'camera' | 'microphone', selectedId: string | null, onChange: () => void) {
    this.kind = kind
    this.#selectedId = selectedId
    this.#onChange = onChange
  }

  get track(): MediaStreamTrack | null {
    return this.#track
  }

  get selectedId(): string | null {
    return this.#selectedId
  }

  /** The device in use, or the one that would be asked for. */
  get deviceId(): string | null {
    return this.#track?.getSettings().deviceId ?? this.#selectedId
  }

  get status(): SourceStatus {
    if (this.#track !== null) return { state: this.#isMuted ? 'muted' : 'on' }
    if (this.#isWanted) return { state: 'starting' }
    return this.#problem === null ? { state: 'off' } : { state: 'failed', problem: this.#problem }
  }

  /** Wanted and not there, or there from another device than the chosen one. */
  get isMissing(): boolean {
    return this.#isWanted && (this.#track === null || this.#openedId !== this.#selectedId)
  }

  want(isWanted: boolean): void {
    this.#isWanted = isWanted
    this.#problem = null
    if (!isWanted) this.#release()
  }

  /** Sends silence, or sound again. A device that is still starting comes up as it was last told. */
  mute(isMuted: boolean): void {
    this.#isMuted = isMuted
    if (this.#track !== null) this.#track.enabled = !isMuted
  }

  select(deviceId: string): void {
    this.#selectedId = deviceId
  }

  /** Lets the old device go before the new one is asked for: phones open only one camera at a time. */
  prepare(): void {
    this.#release()
  }

  /** Takes a track that was asked for with `askedId`, or stops it when it is not wanted any more. */
  take(track: MediaStreamTrack, askedId: string | null): void {
    if (!this.#isWanted) {
      track.stop()
      return
    }
    this.#release()
    this.#track = track
    this.#openedId = askedId
    track.enabled = !this.#isMuted
    track.addEventListener('ended', this.#handleEnded)
  }

  /** The device was refused. Keeps quiet when nobody wants it any more. */
  fail(problem: MediaProblem): void {
    if (!this.#isWanted) return
    this.#isWanted = false
    this.#problem = problem
  }

  // Fires when the device goes away or the system stops it, not on `stop()`.
  readonly #handleEnded = () => {
    this.#release()
    this.#isWanted = false
    this.#problem = 'ended'
    this.#onChange()
  }

  #release(): void {
    this.#track?.removeEventListener('ended', this.#handleEnded)
    this.#track?.stop()
    this.#track = null
    this.#openedId = null
  }
}
