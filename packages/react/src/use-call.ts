import type { Call, CallSnapshot } from '@crowfly/client'
import { useSnapshot } from './use-snapshot.ts'

/** The call as it stands; renders again after each of its changes. */
export function useCall(call: Call): CallSnapshot {
  return useSnapshot(call)
}
