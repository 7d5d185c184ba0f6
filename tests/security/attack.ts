import type { Arena } from './arena.ts'
import type { Target } from './target.ts'

/** One way to do harm, and how one sees whether it was done. */
export interface Attack {
  readonly name: string
  /** The kinds of server that it makes sense against. Default: all. */
  readonly kinds?: readonly Target['kind'][]
  /** What it makes no sense without: left out where the target does not have it. */
  readonly needs?: 'nonceSeconds' | 'crowd'
  /** What the attack would take if it were not for the short form: not run there. */
  readonly isLong?: boolean
  /** Tries it. What must hold is said by `evidence.must`, everything else by `evidence.note`. */
  run(arena: Arena, evidence: Evidence): Promise<void>
}

/** Thrown when an attack can not be tried here. */
export class NotApplicable extends Error {}

/** Thrown when the server does not give what anybody honest may ask for: no attack shows anything then. */
export class HonestlyRefused extends Error {}

const SHOWN = 6

/** What was seen during an attack. */
export class Evidence {
  readonly #broken: string[] = []
  readonly #notes: string[] = []
  #held = 0

  /** Counts something that must be so. `what` says what is wrong when it is not. */
  must(isSo: boolean, what: string): void {
    if (isSo) this.#held++
    else this.#broken.push(what)
  }

  /** Something worth knowing, for or against nothing. */
  note(what: string): void {
    this.#notes.push(what)
  }

  get holds(): boolean {
    return this.#broken.length === 0
  }

  /** In words: what is wrong first. */
  get seen(): string {
    const broken = this.#broken.slice(0, SHOWN)
    if (this.#broken.length > SHOWN) broken.push(`and ${this.#broken.length - SHOWN} more`)
    return [...broken, `${this.#held} checks right`, ...this.#notes].join('; ')
  }
}
