import { useMediaElement, useSnapshot } from '@crowfly/react'
import { copy, shownName } from '../copy.ts'
import { initials } from '../home/initials.ts'
import { useTrackStream } from '../home/preview.tsx'
import { useSessionSnapshot } from '../session/session-context.ts'
import { pictureFit } from './picture-fit.ts'
import { sizeStyle, smallWidth, TileName, usePictureSize } from './tile.tsx'
import type { Size } from './use-size.ts'
import { useSpeaking } from './use-speaking.ts'
import './self-view.css'

/** A size of about the area of `size` in the shape of `picture`, within what looks like a card. */
function sizeLike(picture: Size, size: Size): Size {
  if (picture.width === 0 || picture.height === 0) return size
  const ratio = Math.min(16 / 9, Math.max(3 / 4, picture.width / picture.height))
  const width = Math.round(Math.sqrt(size.width * size.height * ratio))
  return { width, height: Math.round(width / ratio) }
}

/** Oneself, as the others see one but mirrored; floats over the others or is a tile among them. */
export function SelfView({ size, floats }: { size: Size; floats: boolean }) {
  const { media, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  const video = useMediaElement(useTrackStream(devices.cameraTrack))
  const [picture, measure] = usePictureSize()
  const isOn = devices.microphone.state === 'on'
  const isSpeaking = useSpeaking(isOn ? devices.microphoneTrack : null)
  const hasPicture = devices.camera.state === 'on'
  const shown = floats && hasPicture ? sizeLike(picture, size) : size
  return (
    <figure
      className={`tile self-view on-video ${floats ? 'self-view-floating' : ''}`}
      aria-label={copy.call.you}
      data-speaking={isSpeaking}
      data-small={shown.width < smallWidth}
      style={sizeStyle(shown)}
    >
      <div className="tile-face" aria-hidden="true">
        <span className="avatar">{initials(shownName(preferences.name))}</span>
      </div>
      <video
        className="tile-video self-view-video"
        ref={video}
        aria-label={copy.devices.preview}
        data-shown={hasPicture && picture.width > 0}
        style={{ objectFit: pictureFit(picture, shown) }}
        autoPlay
        playsInline
        muted
        onLoadedMetadata={measure}
        onResize={measure}
      />
      <TileName name={copy.call.you} microphone={isOn ? 'on' : 'muted'} />
    </figure>
  )
}
