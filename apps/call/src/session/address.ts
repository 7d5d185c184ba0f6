import { formatRoomLink, type RoomCode } from '@crowfly/pairing'

/** The room that a path like `/4821` names, as its text; empty for the home page. Text that names none stays. */
export function roomInPath(pathname: string): string {
  const part = pathname.slice(1).replace(/\/+$/, '')
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address bar, as far as the app uses it. */
export interface AddressBar {
  /** Where the app's code was loaded from. */
  readonly host: string
  /** Text of the room in the current path; empty for the home page. */
  readonly room: string
  /** What stands behind `#`, which is a secret: takes it out of the address. Null when there is no `#`. */
  takeFragment(): string | null
  /** The link that leads others to the room, with its secret. */
  linkTo(code: RoomCode): string
  /** Shows `/room`, or `/` for null, as a new entry of the history unless it is shown already. */
  show(room: string | null): void
}

/**
 * The browser's own address bar, without its secret from now on. `sharedOrigin` tells the origin that links lead to.
 */
export function browserAddress(sharedOrigin: () => string): AddressBar {
  let broughtAlong = takeFragment()
  return {
    host: location.host,
    get room() {
      return roomInPath(location.pathname)
    },
    takeFragment() {
      const fragment = takeFragment() ?? broughtAlong
      broughtAlong = null
      return fragment
    },
    linkTo(code) {
      return formatRoomLink(sharedOrigin(), code)
    },
    show(room) {
      if (roomInPath(location.pathname) === (room ?? '')) return
      history.pushState(null, '', room === null ? '/' : `/${encodeURIComponent(room)}`)
    },
  }
}

function takeFragment(): string | null {
  const hash = location.href.indexOf('#')
  if (hash < 0) return null
  const fragment = location.href.slice(hash + 1)
  history.replaceState(history.state, '', location.pathname + location.search)
  return fragment
}
