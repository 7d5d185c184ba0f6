/**
 * Lets time pass, where time is what is meant: between two bursts of a flood, which has a speed, or until it is certain
 * that something does not come. What does come is waited for by `comesTrue`.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** How often `comesTrue` looks. */
const LOOK_MS = 10

/** Waits until something is so, for as long as this at most. Returns whether it is. */
export async function comesTrue(isSo: () => boolean, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs
  while (!isSo() && performance.now() < end) await pause(LOOK_MS)
  return isSo()
}
