/** A Host header in its two parts; both are safe to write into a header or a URL. */
export interface RequestHost {
  /** As a URL writes it: lower case, IPv6 in brackets. */
  host: string
  /** With its colon; empty when the header has none. */
  port: string
}

/** Reads a Host header; undefined when it names no host. */
export function parseHost(header: string | undefined): RequestHost | undefined {
  // RFC 9110 §7.2
  const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:\d{1,5})?$/i.exec(header ?? '')
  return match?.[1] === undefined ? undefined : { host: match[1].toLowerCase(), port: match[2] ?? '' }
}

/**
 * Whether a page of `origin` may open a WebSocket here: when its host and port are those of the Host header, or when
 * it is in `allowed`. A request without Origin is not a browser's, and nobody's cookies are at stake: allowed.
 */
export function isOriginAllowed(
  origin: string | undefined,
  hostHeader: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true
  if (allowed.includes(origin.toLowerCase())) return true
  const page = parseUrl(origin)
  // The default port is left out of an Origin, and may be left in a Host header: read both by the same scheme.
  const here = page && parseUrl(`${page.protocol}//${hostHeader}`)
  return page !== undefined && here !== undefined && page.host !== '' && page.host === here.host
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
