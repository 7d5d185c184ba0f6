import { useEffect, useState } from 'react'
import { watchLevel } from '../sound/audio-level.ts'

const threshold = 0.34
const holdMs = 500

/** Whether somebody speaks into `track`, held for half a second so that it does not flicker between words. */
export function useSpeaking(track: MediaStreamTrack | null): boolean {
  const [isSpeaking, setSpeaking] = useState(false)
  useEffect(() => {
    if (track === null) return
    let lastLoudMs = Number.NEGATIVE_INFINITY
    const stop = watchLevel(track, (level) => {
      const nowMs = performance.now()
      if (level > threshold) lastLoudMs = nowMs
      setSpeaking(nowMs - lastLoudMs < holdMs)
    })
    return () => {
      stop()
      setSpeaking(false)
    }
  }, [track])
  return isSpeaking
}
