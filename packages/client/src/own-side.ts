import type { LocalMedia } from './local-media.ts'
import type { LocalTracks } from './media-slots.ts'
import { MAX_NAME_LENGTH, type PeerMessage } from './peer-message.ts'
import type { PeerMedia } from './snapshot.ts'

/** What the others get of this side: its name and its media. */
export class OwnSide {
  readonly #media: LocalMedia
  #name: string

  constructor(media: LocalMedia, name: string) {
    this.#media = media
    this.#name = name.slice(0, MAX_NAME_LENGTH)
  }

  get name(): string {
    return this.#name
  }

  set name(name: string) {
    this.#name = name.slice(0, MAX_NAME_LENGTH)
  }

  /** What is sent of the media. */
  get tracks(): LocalTracks {
    const media = this.#media.getSnapshot()
    return { microphone: media.microphoneTrack, camera: media.cameraTrack, screen: media.screenTrack }
  }

  /** What the others are told. */
  get state(): PeerMessage {
    const media = this.#media.getSnapshot()
    const withoutCamera = media.cameras.length === 0 ? 'none' : 'off'
    const withMicrophone = media.microphone.state === 'muted' ? 'muted' : 'on'
    const told: PeerMedia = {
      microphone: media.microphoneTrack === null ? 'none' : withMicrophone,
      camera: media.cameraTrack === null ? withoutCamera : 'on',
      screen: media.screenTrack === null ? 'off' : 'on',
    }
    return { type: 'state', name: this.#name, media: told }
  }
}
