import type { RoomCode } from '@crowfly/pairing'
import { isSameCode } from './same-code.ts'
import type { RoomChoice } from './screen.ts'
import type { PreparedRoom, Services } from './services.ts'

/** The look at one room ahead of joining it. */
export class RoomLook {
  readonly #services: Pick<Services, 'prepare'>
  #code: RoomCode | null = null
  #room: PreparedRoom | null = null

  constructor(services: Pick<Services, 'prepare'>) {
    this.#services = services
  }

  /** Looks at the room of `code` and at no other any more; null for none. */
  at(code: RoomCode | null): void {
    if (isSameCode(code, this.#code)) return
    this.#room?.close()
    this.#code = code
    this.#room = code === null ? null : this.#services.prepare(code)
  }

  /** The room that was looked at for a call, which now owns it; one that was looked at for another is closed. */
  take(choice: RoomChoice): PreparedRoom | null {
    if (choice.kind === 'create' || !isSameCode(choice.code, this.#code)) this.at(null)
    const room = this.#room
    this.#code = null
    this.#room = null
    return room
  }
}
