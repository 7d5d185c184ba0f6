import type { LocalMedia, LocalMediaSnapshot, SourceStatus } from '@crowfly/client'
import { useMediaElement } from '@crowfly/react'
import { type ReactNode, useMemo } from 'react'
import { copy, mediaProblemWords, shownName } from '../copy.ts'
import { Button } from '../ui/button.tsx'
import { CameraButton, MicrophoneButton } from '../ui/device-buttons.tsx'
import { initials } from './initials.ts'
import { MicLevel } from './mic-level.tsx'
import './preview.css'

/** A stream of one track for a media element; null without a track. */
export function useTrackStream(track: MediaStreamTrack | null): MediaStream | null {
  return useMemo(() => (track === null ? null : new MediaStream([track])), [track])
}

/** How the person looks and sounds, with the switches for both. */
export function Preview({
  media,
  snapshot,
  name,
  cover,
  tellsProblem = false,
}: {
  media: LocalMedia
  snapshot: LocalMediaSnapshot
  name: string
  /** Shown instead of the switches, before the browser has been asked. */
  cover?: ReactNode
  /** Says what is wrong with the camera, where no card beside the preview does. */
  tellsProblem?: boolean
}) {
  const isMuted = snapshot.microphone.state !== 'on'
  const hasPicture = snapshot.camera.state === 'on'
  const isStarting = snapshot.camera.state === 'starting' || snapshot.microphone.state === 'starting'
  const video = useMediaElement(useTrackStream(snapshot.cameraTrack))
  return (
    <div className="preview on-video" data-picture={hasPicture}>
      <video
        className="preview-video"
        ref={video}
        aria-label={copy.devices.preview}
        hidden={!hasPicture}
        autoPlay
        playsInline
        muted
      />
      {cover ?? (
        <>
          {!hasPicture && (
            <div className="preview-blank">
              {isStarting ? (
                <p>{copy.devices.starting}</p>
              ) : (
                <>
                  <span className="avatar avatar-large" aria-hidden="true">
                    {initials(shownName(name))}
                  </span>
                  <p>{tellsProblem ? cameraWords(snapshot.camera) : copy.devices.cameraOff}</p>
                </>
              )}
            </div>
          )}
          <div className="preview-controls">
            <MicrophoneButton isOn={!isMuted} onToggle={() => void media.setMicrophone(isMuted)} />
            <CameraButton isOn={hasPicture} onToggle={() => void media.setCamera(!hasPicture)} />
          </div>
          <div className="preview-level">
            {!isMuted && snapshot.microphoneTrack !== null && <MicLevel track={snapshot.microphoneTrack} />}
          </div>
        </>
      )}
    </div>
  )
}

/** Why there is no picture. */
function cameraWords(camera: SourceStatus): string {
  return camera.state === 'failed'
    ? mediaProblemWords(camera.problem, 'camera').title
    : copy.devices.cameraOff
}

/** The question before the browser's question. */
export function PreviewQuestion({
  isAsking,
  onAllow,
  onWithout,
}: {
  isAsking: boolean
  onAllow(): void
  onWithout(): void
}) {
  if (isAsking) {
    return (
      <div className="preview-question" role="status">
        <p className="preview-question-title">{copy.devices.starting}</p>
      </div>
    )
  }
  return (
    <div className="preview-question">
      <p className="preview-question-title">{copy.devices.ask}</p>
      <p className="preview-question-body">{copy.devices.askBody}</p>
      <div className="preview-question-actions">
        <Button tone="primary" onClick={onAllow}>
          {copy.devices.allow}
        </Button>
        <Button tone="quiet" onClick={onWithout}>
          {copy.devices.withoutThem}
        </Button>
      </div>
    </div>
  )
}
