/** The page waits no longer than this for what only makes its links better. */
const TIMEOUT_MS = 1_000

/**
 * The origin that a link for others leads to: the page's own, except on this very machine. There the page may be open
 * as `localhost`, which on another device is that device, so the server is asked how others reach it.
 */
export async function sharedOrigin(
  page: { origin: string; hostname: string },
  ask: typeof fetch,
): Promise<string> {
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(page.hostname)) return page.origin
  try {
    const response = await ask('/origins.json', { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const origins: unknown = response.ok ? await response.json() : []
    const [first] = Array.isArray(origins) ? origins : []
    return typeof first === 'string' && /^https:\/\/[^/\s]+$/.test(first) ? first : page.origin
  } catch {
    return page.origin
  }
}
