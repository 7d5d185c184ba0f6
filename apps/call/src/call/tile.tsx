import type { PeerSnapshot } from '@crowfly/client'
import { useMediaElement } from '@crowfly/react'
import { MicOff, MonitorUp, ShieldCheck } from 'lucide-react'
import { type CSSProperties, useState } from 'react'
import { copy, shownName } from '../copy.ts'
import { initials } from '../home/initials.ts'
import { pictureFit } from './picture-fit.ts'
import type { Size } from './use-size.ts'
import { useSpeaking } from './use-speaking.ts'
import './tile.css'

/** Narrower tiles say less. */
export const smallWidth = 220

/** Follows the size of the pictures that a video shows. */
export function usePictureSize(): [Size, (event: { currentTarget: HTMLVideoElement }) => void] {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  return [
    size,
    ({ currentTarget }) => setSize({ width: currentTarget.videoWidth, height: currentTarget.videoHeight }),
  ]
}

/** The size as a style, for elements that are laid out by calculation. */
export function sizeStyle(size: Size): CSSProperties {
  return { inlineSize: size.width, blockSize: size.height }
}

/** What a peer's connection has to say for itself; null when all is well. */
function connectionLine(peer: PeerSnapshot, isSmall: boolean): string | null {
  switch (peer.connection) {
    case 'connecting':
      return copy.call.connecting
    case 'reconnecting':
      return copy.call.reconnecting
    case 'failed':
      return isSmall
        ? copy.call.failed(shownName(peer.name))
        : `${copy.call.failed(shownName(peer.name))} ${copy.call.failedMeaning}`
    case 'connected':
      return null
  }
}

/** One person: picture or initials, name, what their microphone does, how the connection fares. */
export function Tile({ peer, size }: { peer: PeerSnapshot; size: Size }) {
  const name = shownName(peer.name)
  const video = useMediaElement(peer.camera)
  const [picture, measure] = usePictureSize()
  const isSpeaking = useSpeaking(peer.audio.getAudioTracks()[0] ?? null) && peer.media.microphone === 'on'
  const hasPicture = peer.media.camera === 'on'
  const line = connectionLine(peer, size.width < smallWidth)
  return (
    <figure
      className="tile on-video"
      aria-label={name}
      data-speaking={isSpeaking}
      data-connection={peer.connection}
      data-small={size.width < smallWidth}
      style={sizeStyle(size)}
    >
      <div className="tile-face" aria-hidden="true">
        <span className="avatar">{initials(name)}</span>
      </div>
      <video
        className="tile-video"
        ref={video}
        aria-label={name}
        data-shown={hasPicture && picture.width > 0}
        style={{ objectFit: pictureFit(picture, size) }}
        autoPlay
        playsInline
        muted
        onLoadedMetadata={measure}
        onResize={measure}
      />
      {line !== null && <p className="tile-line">{line}</p>}
      <TileName
        name={name}
        microphone={peer.media.microphone}
        isSharing={peer.media.screen === 'on'}
        isVerified={peer.trust === 'verified'}
      />
    </figure>
  )
}

/** The name at the foot of a tile. */
export function TileName({
  name,
  microphone,
  isSharing = false,
  isVerified = false,
}: {
  name: string
  microphone: PeerSnapshot['media']['microphone']
  isSharing?: boolean
  isVerified?: boolean
}) {
  return (
    <div className="tile-name">
      {microphone !== 'on' && (
        <span
          className="tile-muted"
          role="img"
          aria-label={microphone === 'muted' ? copy.call.muted(name) : copy.call.noMicrophone(name)}
        >
          <MicOff size={14} aria-hidden="true" />
        </span>
      )}
      {isSharing && <MonitorUp size={14} aria-hidden="true" />}
      <bdi className="tile-name-text">{name}</bdi>
      {isVerified && (
        <span className="tile-verified" role="img" aria-label={copy.trust.verified(name)}>
          <ShieldCheck size={14} aria-hidden="true" />
        </span>
      )}
    </div>
  )
}

/** Somebody's screen, shown whole so that its text can be read. */
export function ScreenTile({ peer, size }: { peer: PeerSnapshot; size: Size }) {
  const name = shownName(peer.name)
  const video = useMediaElement(peer.screen)
  return (
    <div className="tile tile-screen on-video" style={sizeStyle(size)} data-connection={peer.connection}>
      <video
        className="tile-video"
        ref={video}
        aria-label={copy.call.screenLabel(name)}
        data-shown="true"
        autoPlay
        playsInline
        muted
      />
      <div className="tile-name">
        <MonitorUp size={14} aria-hidden="true" />
        <bdi className="tile-name-text">{copy.call.screenOf(name)}</bdi>
      </div>
    </div>
  )
}
