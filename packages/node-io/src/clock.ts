import type { Millis } from '@crowfly/sansio'

/** Tells monotonic time to machines. */
export interface Clock {
  now(): Millis
}

/** The process's monotonic clock: milliseconds since it started, unmoved by changes of the wall clock. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
}
