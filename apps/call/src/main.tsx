import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import { createLocalMedia, join, prepare } from '@crowfly/client'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { browserAddress } from './session/address.ts'
import { Session } from './session/session.ts'
import { sharedOrigin } from './session/shared-origin.ts'

/** Whether camera or microphone were allowed before; false where the browser does not tell. */
async function devicesAllowed(): Promise<boolean> {
  const states = await Promise.all(
    (['camera', 'microphone'] as const).map(async (name) => {
      try {
        return (await navigator.permissions.query({ name })).state
      } catch {
        return 'prompt'
      }
    }),
  )
  return states.includes('granted')
}

/** Whether this load continues an earlier one. A link that was opened and a duplicated tab do not. */
function isReturning(): boolean {
  const [entry] = performance.getEntriesByType('navigation')
  return entry instanceof PerformanceNavigationTiming && entry.type !== 'navigate'
}

// Before anything is waited for: the secret of a link is to be seen no longer than it takes to read it.
let linkOrigin = location.origin
const address = browserAddress(() => linkOrigin)
linkOrigin = await sharedOrigin(location, fetch.bind(window))

// Before the session, whose call hangs up when it hears of this: listeners of a window run in their order, captured or not.
addEventListener('pagehide', () => session.depart())

const session = new Session({
  services: {
    join,
    prepare(code) {
      const prepared = prepare({ code })
      return { join: (options) => join({ ...options, prepared }), close: () => prepared.close() }
    },
    createLocalMedia,
    hasWebRtc: typeof RTCPeerConnection === 'function',
    devicesAllowed,
  },
  address,
  store: localStorage,
  tabStore: sessionStorage,
  isReturning: isReturning(),
})

addEventListener('popstate', () => session.followAddress())

// A link to the same room with another secret, opened here. Where the event above has told of it, nothing is left.
addEventListener('hashchange', () => {
  if (location.href.includes('#')) session.followAddress()
})

// A page that the browser kept in its cache has lost its connections and devices.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App session={session} />)
