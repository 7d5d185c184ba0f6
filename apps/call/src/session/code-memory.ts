import { formatRoomLink, parseRoomLink, type RoomCode } from '@crowfly/pairing'
import type { TextStore } from './preferences.ts'

const key = 'crowfly.codes'

/** Rooms of one tab's history that can be gone back to. */
const maxKept = 8

/**
 * The codes that this tab has seen, so that a reload and the back button find the secret that the address does not
 * show. Give it `sessionStorage`: it ends with the tab, and a duplicated tab has a copy.
 */
export class CodeMemory {
  readonly #store: TextStore
  /** Links without an origin, the newest first. */
  #links: readonly string[]

  constructor(store: TextStore) {
    this.#store = store
    this.#links = readLinks(store)
  }

  keep(code: RoomCode): void {
    const link = formatRoomLink('', code)
    if (this.#links[0] === link) return
    const room = link.slice(0, link.indexOf('#') + 1)
    this.#links = [link, ...this.#links.filter((other) => !other.startsWith(room))].slice(0, maxKept)
    try {
      this.#store.setItem(key, JSON.stringify(this.#links))
    } catch {
      // Without session storage the codes last as long as the page.
    }
  }

  /** The code for the room that a path names, however it is spelled there. */
  recall(room: string): RoomCode | null {
    for (const link of this.#links) {
      const kept = parseRoomLink(link)
      const asked = parseRoomLink(`/${encodeURIComponent(room)}${link.slice(link.indexOf('#'))}`)
      if (!('problem' in kept) && !('problem' in asked) && kept.nameplate === asked.nameplate) return kept
    }
    return null
  }
}

function readLinks(store: TextStore): readonly string[] {
  try {
    const stored: unknown = JSON.parse(store.getItem(key) ?? '[]')
    if (!Array.isArray(stored)) return []
    return stored
      .filter((link): link is string => typeof link === 'string' && !('problem' in parseRoomLink(link)))
      .slice(0, maxKept)
  } catch {
    return []
  }
}
