import { ChatLog } from './chat-log.ts'
import type { Clock } from './clock.ts'
import { NoticeLog } from './notice-log.ts'
import type {
  CallerSnapshot,
  CallNotice,
  CallSnapshot,
  CallStatus,
  ChatMessage,
  PeerSnapshot,
} from './snapshot.ts'
import { SnapshotStore } from './snapshot-store.ts'

/** How long after the last one left a return still goes on with the same call. */
const RETURN_MS = 60_000

/** The snapshot of a call, with its chat and notices. Parts that say the same stay the same objects. */
export class CallRecord extends SnapshotStore<CallSnapshot> {
  readonly #clock: Clock
  readonly #chat = new ChatLog()
  readonly #notices = new NoticeLog()
  /** The call that everyone else has just left, while nothing else has happened. */
  #broken: { readonly sinceMs: number; readonly leftMs: number } | null = null

  constructor(clock: Clock) {
    super({
      status: { phase: 'connecting' },
      server: 'connecting',
      nameplate: null,
      code: null,
      guessing: 'none',
      selfId: null,
      callers: [],
      peers: [],
      chat: [],
      notices: [],
    })
    this.#clock = clock
  }

  get status(): CallStatus {
    return this.getSnapshot().status
  }

  /** Goes to another status, and remembers a call that somebody may return to. */
  enter(status: CallStatus): void {
    const last = this.status
    const isBroken = last.phase === 'inCall' && status.phase === 'waiting'
    this.#broken = isBroken ? { sinceMs: last.sinceMs, leftMs: this.#clock.wallTime() } : null
    this.update({ status })
  }

  /** Whoever comes next begins a call of its own. */
  forgetCall(): void {
    this.#broken = null
  }

  /** Since when a call that begins now is counted, in ms of wall time: the broken one, if somebody returned to it. */
  callSinceMs(): number {
    const now = this.#clock.wallTime()
    return this.#broken !== null && now - this.#broken.leftMs < RETURN_MS ? this.#broken.sinceMs : now
  }

  showPeople(callers: readonly CallerSnapshot[], peers: readonly PeerSnapshot[]): void {
    const last = this.getSnapshot()
    this.update({ callers: sameList(last.callers, callers), peers: sameList(last.peers, peers) })
  }

  note(kind: CallNotice['kind'], name = ''): void {
    this.#notices.add(kind, name, this.#clock.wallTime())
    this.update({ notices: this.#notices.notices })
  }

  /** Whether somebody of this name called in vain; nameless callers are not told apart. */
  hasMissed(name: string): boolean {
    return this.#notices.hasMissed(name)
  }

  /** Adds a text; one that is there already changes nothing. */
  addChat(message: Omit<ChatMessage, 'atMs'>): void {
    this.#chat.add({ ...message, atMs: this.#clock.wallTime() })
    this.update({ chat: this.#chat.messages })
  }
}

/** The last list where the new one has the same elements. */
function sameList<Element>(last: readonly Element[], next: readonly Element[]): readonly Element[] {
  const isSame = last.length === next.length && next.every((element, index) => element === last[index])
  return isSame ? last : next
}
