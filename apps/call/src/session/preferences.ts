/** The person's own choice of colours; `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark'

/** What this browser remembers between visits. The SDK remembers the devices. */
export interface Preferences {
  readonly name: string
  readonly theme: Theme
  readonly usesShortcuts: boolean
}

const key = 'crowfly.preferences'

const defaults: Preferences = {
  name: '',
  theme: 'system',
  usesShortcuts: true,
}

/** The two methods of `Storage` that are used; both may throw where storage is switched off. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Reads what was remembered; anything missing or odd is replaced by its default. */
export function readPreferences(store: TextStore): Preferences {
  let stored: unknown
  try {
    stored = JSON.parse(store.getItem(key) ?? '{}')
  } catch {
    return defaults
  }
  if (typeof stored !== 'object' || stored === null) return defaults
  const fields = new Map<string, unknown>(Object.entries(stored))
  const name = fields.get('name')
  const theme = fields.get('theme')
  return {
    name: typeof name === 'string' ? name.slice(0, 64) : '',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    usesShortcuts: fields.get('usesShortcuts') !== false,
  }
}

/** Remembers `preferences`; where storage is switched off they last as long as the page. */
export function writePreferences(store: TextStore, preferences: Preferences): void {
  try {
    store.setItem(key, JSON.stringify(preferences))
  } catch {
    // A full or forbidden storage costs the memory of a name, not the call.
  }
}
