import type { LocalMediaSnapshot } from '@crowfly/client'
import { useEffect, useRef } from 'react'
import { mediaProblemWords, screenProblemWords } from '../copy.ts'

type Devices = Pick<LocalMediaSnapshot, 'camera' | 'microphone' | 'screen'>

/** What to say of a device that failed since `before`; null when none did. */
export function deviceNews(before: Devices, now: Devices): string | null {
  if (now.screen !== before.screen && now.screen.state === 'failed')
    return screenProblemWords(now.screen.problem)
  for (const device of ['camera', 'microphone'] as const) {
    const status = now[device]
    if (status !== before[device] && status.state === 'failed') {
      const { title, body } = mediaProblemWords(status.problem, device)
      return `${title}. ${body}`
    }
  }
  return null
}

/** Tells of each device that fails from now on. */
export function useDeviceNews(devices: LocalMediaSnapshot, tell: (line: string) => void): void {
  const last = useRef(devices)
  useEffect(() => {
    const line = deviceNews(last.current, devices)
    last.current = devices
    if (line !== null) tell(line)
  }, [devices, tell])
}
