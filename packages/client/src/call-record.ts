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

/** The snapshot of a call, with its chat and notices. Parts that say the same stay the same objects. */
export class CallRecord extends SnapshotStore<CallSnapshot> {
  readonly #clock: Clock
  readonly #chat = new ChatLog()
  readonly #notices = new NoticeLog()

  constructor(clock: Clock) {
    super({
      status: { phase: 'connecting' },
      server: 'connecting',
      code: null,
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
