import type { TextStore } from './preferences.ts'

/** What a reloaded page needs, besides the code that the tab remembers, to come back to its call by itself. */
export interface ReturnMark {
  readonly nameplate: string
  readonly camera: boolean
  readonly microphone: boolean
}

const key = 'crowfly.call'

/** Reads the mark that the page left before it was reloaded. */
export function readReturnMark(store: TextStore): ReturnMark | null {
  try {
    const stored: unknown = JSON.parse(store.getItem(key) ?? 'null')
    if (typeof stored !== 'object' || stored === null) return null
    const fields = new Map<string, unknown>(Object.entries(stored))
    const nameplate = fields.get('nameplate')
    if (typeof nameplate !== 'string' || nameplate === '') return null
    return {
      nameplate,
      camera: fields.get('camera') === true,
      microphone: fields.get('microphone') === true,
    }
  } catch {
    return null
  }
}

/** Leaves the mark, or takes it away with null. */
export function writeReturnMark(store: TextStore, mark: ReturnMark | null): void {
  try {
    if (mark === null) store.removeItem(key)
    else store.setItem(key, JSON.stringify(mark))
  } catch {
    // Without session storage a reload leads to the home page.
  }
}
