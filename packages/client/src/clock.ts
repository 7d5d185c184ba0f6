import type { Millis } from '@crowfly/sansio'

/** The time as the call sees it; a test brings one that it turns by hand. */
export interface Clock {
  /** Monotonic. All deadlines are on this clock. */
  now(): Millis
  /** Milliseconds since 1970, for what people read. */
  wallTime(): number
  /** Runs `wake` once, `delayMs` from now. Returns the way to call it off. */
  startTimer(delayMs: number, wake: () => void): () => void
}

/** A browser's longest timer; a longer delay would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** The page's clock. */
export const pageClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  startTimer(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(delayMs, MAX_DELAY_MS))
    return () => clearTimeout(timer)
  },
}
