import type { Log } from './log.ts'

/** Anybody can make origins up: more than these are not told, so that the log stays readable. */
const maxTold = 32

/** Tells the operator, once for each origin, of pages that may not connect: nobody else can put that right. */
export class RefusedOrigins {
  readonly #told = new Set<string>()

  /** What `--origin` could not name (`null`, or no origin at all) is not told. `host` is the Host header's. */
  note(origin: string, host: string, log: Log): void {
    if (this.#told.size >= maxTold || this.#told.has(origin)) return
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) return
    this.#told.add(origin)
    log.warn(
      `refused a page of ${origin}, since the host that it asked for is ${host}. If the page is yours, start ` +
        `with --origin ${origin}, or let the reverse proxy pass the Host header on.`,
    )
  }
}
