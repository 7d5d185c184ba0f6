/** What a page tells of the network and of its own end. */
export type PageEvent =
  /** There is another network, or one again: connections over the old one are worthless. */
  | 'networkChanged'
  /** The page was asleep or out of sight; timers may have slept with it. */
  | 'woke'
  /** The page goes for good: reload, navigation, closed tab. */
  | 'leaving'

/** Where page events come from; a test brings another. Returns the way to stop. */
export type PageEventSource = (listener: (event: PageEvent) => void) => () => void

/** The page's own events. */
export const watchPage: PageEventSource = (listener) => {
  if (typeof window === 'undefined') return () => {}
  const connection = networkInformation()
  let networkType = connectionType(connection)

  const handleOnline = () => listener('networkChanged')
  const handleConnectionChange = () => {
    // Fires for every new estimate of the bandwidth too; only another kind of network counts.
    const type = connectionType(connection)
    const hasChanged = type !== networkType
    networkType = type
    listener(hasChanged ? 'networkChanged' : 'woke')
  }
  const handleVisibility = () => {
    if (document.visibilityState === 'visible') listener('woke')
  }
  const handlePageHide = (event: PageTransitionEvent) => {
    // A page that goes into the back/forward cache may come back, and the session then resumes.
    if (!event.persisted) listener('leaving')
  }
  const handlePageShow = (event: PageTransitionEvent) => {
    if (event.persisted) listener('woke')
  }

  window.addEventListener('online', handleOnline)
  window.addEventListener('pagehide', handlePageHide)
  window.addEventListener('pageshow', handlePageShow)
  document.addEventListener('visibilitychange', handleVisibility)
  connection?.addEventListener('change', handleConnectionChange)
  return () => {
    window.removeEventListener('online', handleOnline)
    window.removeEventListener('pagehide', handlePageHide)
    window.removeEventListener('pageshow', handlePageShow)
    document.removeEventListener('visibilitychange', handleVisibility)
    connection?.removeEventListener('change', handleConnectionChange)
  }
}

/** The Network Information API, which Chromium has and the DOM types do not know. */
function networkInformation(): EventTarget | null {
  const connection: unknown = Reflect.get(navigator, 'connection')
  return connection instanceof EventTarget ? connection : null
}

function connectionType(connection: EventTarget | null): unknown {
  return connection === null ? null : Reflect.get(connection, 'type')
}
