import type { CallNotice } from './snapshot.ts'

/** Notices kept at most; the oldest make room. */
const MAX_NOTICES = 50

/** What happened in a call, numbered from 1. */
export class NoticeLog {
  #notices: readonly CallNotice[] = []
  #lastId = 0

  get notices(): readonly CallNotice[] {
    return this.#notices
  }

  add(kind: CallNotice['kind'], name: string, atMs: number): void {
    this.#lastId += 1
    this.#notices = [...this.#notices, { id: this.#lastId, atMs, kind, name }].slice(-MAX_NOTICES)
  }

  /** Whether somebody of this name called in vain; nameless callers are not told apart. */
  hasMissed(name: string): boolean {
    return name !== '' && this.#notices.some((notice) => notice.kind === 'missedCall' && notice.name === name)
  }
}
