import type { Person } from './person.ts'

/**
 * Watches somebody's picture from now on. The function that it resolves to tells the longest time between two frames
 * until then, in milliseconds.
 */
export async function watchFrameGap(viewer: Person, name: string): Promise<() => Promise<number>> {
  await viewer.page.evaluate((label) => {
    const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`)
    let last = performance.now()
    let longest = 0
    const note = (): number => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      return longest
    }
    const next = (): void => {
      note()
      video?.requestVideoFrameCallback(next)
    }
    video?.requestVideoFrameCallback(next)
    Object.assign(window, { longestFrameGap: note })
  }, name)
  return () => viewer.page.evaluate(() => Number(Reflect.get(window, 'longestFrameGap')()))
}
