import type { Observable } from '@crowfly/client'
import { useCallback, useSyncExternalStore } from 'react'

/** The current snapshot of `observable`; renders again after each of its changes. */
export function useSnapshot<Snapshot>(observable: Observable<Snapshot>): Snapshot {
  const subscribe = useCallback((listener: () => void) => observable.subscribe(listener), [observable])
  const snapshot = useCallback(() => observable.getSnapshot(), [observable])
  return useSyncExternalStore(subscribe, snapshot, snapshot)
}
