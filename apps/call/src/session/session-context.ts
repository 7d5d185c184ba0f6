import { useSnapshot } from '@crowfly/react'
import { createContext, useContext } from 'react'
import type { Session, SessionSnapshot } from './session.ts'

/** The visit that the components belong to. */
export const SessionContext = createContext<Session | null>(null)

/** The session of this tree. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === null) throw new MissingSessionError()
  return session
}

/** The session's current snapshot. */
export function useSessionSnapshot(): SessionSnapshot {
  return useSnapshot(useSession())
}

/** Thrown when a component is rendered outside `SessionContext`; wrap it in one. */
export class MissingSessionError extends Error {
  readonly code = 'CALL_APP_NO_SESSION'
  constructor() {
    super('Render this component inside a SessionContext.')
  }
}
