import type { LocalMediaSnapshot } from './local-media.ts'
import type { LocalTracks } from './peer.ts'
import type { PeerMedia } from './snapshot.ts'

/** What is sent of the local media. */
export function ownTracks(media: LocalMediaSnapshot): LocalTracks {
  return { microphone: media.microphoneTrack, camera: media.cameraTrack, screen: media.screenTrack }
}

/** What the others are told of it. */
export function ownMedia(media: LocalMediaSnapshot): PeerMedia {
  const withoutCamera = media.cameras.length === 0 ? 'none' : 'off'
  const withMicrophone = media.microphone.state === 'muted' ? 'muted' : 'on'
  return {
    microphone: media.microphoneTrack === null ? 'none' : withMicrophone,
    camera: media.cameraTrack === null ? withoutCamera : 'on',
    screen: media.screenTrack === null ? 'off' : 'on',
  }
}
