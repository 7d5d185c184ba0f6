import type { LocalMedia, LocalMediaSnapshot } from '@crowfly/client'
import { useSnapshot } from './use-snapshot.ts'

/** This device's camera, microphone and screen as they stand; renders again after each of their changes. */
export function useLocalMedia(media: LocalMedia): LocalMediaSnapshot {
  return useSnapshot(media)
}
