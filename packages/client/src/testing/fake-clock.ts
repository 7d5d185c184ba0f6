import type { VirtualClock } from '@crowfly/testkit'
import type { Clock } from '../clock.ts'

/** Where wall time stands when the virtual clock is at zero. */
const EPOCH_MS = 1_800_000_000_000

/** The client's clock, turned by a test. */
export function clockOf(clock: VirtualClock): Clock {
  return {
    now: () => clock.now(),
    wallTime: () => EPOCH_MS + Math.round(clock.now()),
    startTimer: (delayMs, wake) => clock.after(delayMs, wake),
  }
}

/** Lets every promise that can go on go on. The event loop's next turn comes after all microtasks of this one. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Lets virtual time pass, with all promises between. */
export async function advance(clock: VirtualClock, durationMs: number): Promise<void> {
  const end = clock.now() + durationMs
  await settle()
  while (clock.next() <= end) {
    clock.step()
    await settle()
  }
  clock.advance(end - clock.now())
}

/** Lets virtual time pass until `condition` holds; says whether it came to that. */
export async function until(
  clock: VirtualClock,
  condition: () => boolean,
  withinMs = 60_000,
): Promise<boolean> {
  const end = clock.now() + withinMs
  await settle()
  while (!condition() && clock.next() <= end) {
    clock.step()
    await settle()
  }
  return condition()
}
