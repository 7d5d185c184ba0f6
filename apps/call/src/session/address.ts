import { parseNameplate } from '@crowfly/signaling'

/** The code in a path like `/k7qf2-x9m4d`, as its text; empty for the home page. Text that is no code stays. */
export function codeInPath(pathname: string): string {
  const part = pathname.slice(1).replace(/\/+$/, '')
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address bar, as far as the app uses it. */
export interface AddressBar {
  /** Text of the code in the current path. */
  readonly codeText: string
  /** The link that leads others to `code`. */
  linkTo(code: string): string
  /** Shows `/code`, or `/` for null, as a new entry of the history unless it is shown already. */
  show(code: string | null): void
}

/** The browser's own address bar. `origin` is the one that links lead to. */
export function browserAddress(origin: string): AddressBar {
  return {
    get codeText() {
      return codeInPath(location.pathname)
    },
    linkTo(code) {
      return `${origin}/${code}`
    },
    show(code) {
      const text = codeInPath(location.pathname)
      if (code === null ? text === '' : parseNameplate(text) === code) return
      history.pushState(null, '', code === null ? '/' : `/${code}`)
    },
  }
}
