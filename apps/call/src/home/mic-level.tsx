import { useEffect, useRef } from 'react'
import { copy } from '../copy.ts'
import { watchLevel } from '../sound/audio-level.ts'
import './mic-level.css'

/** Bars that follow the microphone, without a render per measurement. */
export function MicLevel({ track }: { track: MediaStreamTrack }) {
  const bars = useRef<HTMLDivElement>(null)
  useEffect(
    () => watchLevel(track, (level) => bars.current?.style.setProperty('--level', level.toFixed(2))),
    [track],
  )
  return (
    <div className="mic-level" ref={bars} role="img" aria-label={copy.devices.level}>
      <span className="mic-level-bar" />
      <span className="mic-level-bar" />
      <span className="mic-level-bar" />
      <span className="mic-level-bar" />
      <span className="mic-level-bar" />
    </div>
  )
}
