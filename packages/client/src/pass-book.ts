import { decodeBase64url, encodeBase64url, equalConstantTime } from '@crowfly/bytes'
import type { Random } from '@crowfly/sansio'
import type { MemberId } from './snapshot.ts'

/** Octets of a pass. */
const PASS_BYTES = 16

/** Passes kept of one room at most; the oldest make room. */
const MAX_PASSES = 32

/** The calls of `Storage` that keep passes over a reload. */
export type PassStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * The passes of one room. Each pair of members shares one, made by the side that answers. Either may show it to the
 * other after its page was reloaded, and is let in without ringing.
 *
 * What this page can show is kept in the tab's session storage; what it honours lives as long as the page. A pass
 * is shown only to the member it is shared with, never to a stranger.
 */
export class PassBook {
  readonly #storage: PassStorage | null
  readonly #key: string
  readonly #random: Random
  readonly #shown: Map<MemberId, Uint8Array>
  readonly #honoured: Uint8Array[] = []

  constructor(storage: PassStorage | null, nameplate: string, random: Random) {
    this.#storage = storage
    this.#key = `crowfly.passes.${nameplate}`
    this.#random = random
    this.#shown = new Map(readPasses(storage, this.#key))
  }

  /** A new pass for `member`, kept here; the caller sends it to them. */
  issue(member: MemberId): Uint8Array {
    const pass = new Uint8Array(PASS_BYTES)
    this.#random.fill(pass)
    this.keep(member, pass)
    return pass
  }

  /** Keeps a pass that `member` gave. Anything but 16 bytes is passed over. */
  keep(member: MemberId, pass: Uint8Array): void {
    if (pass.length !== PASS_BYTES) return
    this.#honoured.push(pass)
    if (this.#honoured.length > MAX_PASSES) this.#honoured.shift()
    this.#shown.delete(member)
    this.#shown.set(member, pass)
    for (const oldest of this.#shown.keys()) {
      if (this.#shown.size <= MAX_PASSES) break
      this.#shown.delete(oldest)
    }
    this.#save()
  }

  /** What to show to `member`: 16 bytes, or none. */
  passFor(member: MemberId): Uint8Array {
    return this.#shown.get(member) ?? new Uint8Array(0)
  }

  /** Whether `pass` was shared with somebody since this page was loaded. */
  honours(pass: Uint8Array): boolean {
    return pass.length === PASS_BYTES && this.#honoured.some((known) => equalConstantTime(known, pass))
  }

  /** Hanging up is final: coming back rings again. */
  forget(): void {
    this.#shown.clear()
    try {
      this.#storage?.removeItem(this.#key)
    } catch {
      // A storage that can not be written has kept nothing either.
    }
  }

  #save(): void {
    const entries = Array.from(this.#shown, ([member, pass]) => [member, encodeBase64url(pass)])
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(entries))
    } catch {
      // Without a storage a reload rings again; nothing else is lost.
    }
  }
}

function* readPasses(storage: PassStorage | null, key: string): Generator<[MemberId, Uint8Array]> {
  let entries: unknown
  try {
    entries = JSON.parse(storage?.getItem(key) ?? '[]')
  } catch {
    return
  }
  if (!Array.isArray(entries)) return
  for (const entry of entries.slice(-MAX_PASSES)) {
    if (!Array.isArray(entry)) continue
    const [member, text]: unknown[] = entry
    if (typeof member !== 'string' || typeof text !== 'string') continue
    const pass = decodeBase64url(text)
    if (pass?.length === PASS_BYTES) yield [member, pass]
  }
}
