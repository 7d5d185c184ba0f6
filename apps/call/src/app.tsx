import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { useSnapshot } from '@crowfly/react'
import { useEffect } from 'react'
import { CallRoom } from './call/call-room.tsx'
import { Ended } from './ended/ended.tsx'
import { Home } from './home/home.tsx'
import type { Theme } from './session/preferences.ts'
import type { Session } from './session/session.ts'
import { SessionContext } from './session/session-context.ts'
import './styles/tokens.css'
import './styles/base.css'
import './ui/popup.css'

/** The whole app over one session. */
export function App({ session }: { session: Session }) {
  const { preferences } = useSnapshot(session)
  useTheme(preferences.theme)
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={500}>
        <SessionContext value={session}>
          <CurrentScreen session={session} />
        </SessionContext>
      </Tooltip.Provider>
    </CSPProvider>
  )
}

function CurrentScreen({ session }: { session: Session }) {
  const { screen } = useSnapshot(session)
  if (screen.at === 'home') return <Home arrival={screen.arrival} key={screen.visit} />
  if (screen.at === 'call') return <CallRoom call={screen.call} room={screen.room} />
  return <Ended screen={screen} />
}

function useTheme(theme: Theme): void {
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
  }, [theme])
}
