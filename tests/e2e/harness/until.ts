import { vi } from 'vitest'

/**
 * Waits for a state: asks `probe` until it gives something other than false, null or undefined, and returns that.
 * Fails after `timeoutMs` with `what` and the last error, so that a report says what did not come about.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  let reason = ''
  const attempt = async (): Promise<T> => {
    try {
      const value = await probe()
      if (value !== false && value !== null && value !== undefined) return value
      reason = ''
    } catch (error) {
      reason = ` (${error instanceof Error ? error.message : String(error)})`
    }
    throw new Error(`not within ${timeoutMs / 1000} s: ${what}${reason}`)
  }
  return vi.waitFor(attempt, { timeout: timeoutMs, interval: 50 })
}
