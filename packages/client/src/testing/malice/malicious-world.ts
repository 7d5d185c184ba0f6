import type { RoomCode } from '@crowfly/pairing'
import type { ServerMessage } from '@crowfly/signaling/wire'
import { CallWorld, type FakePage } from '../call-world.ts'
import { Ghost } from './ghost.ts'
import { MaliciousServer } from './malicious-server.ts'
import type { Misconduct } from './misconduct.ts'

/** A world of calls whose server is an attacker's. */
export class MaliciousWorld extends CallWorld {
  readonly server: MaliciousServer

  constructor(conduct: Misconduct = {}, seed = 1) {
    super(seed)
    this.server = new MaliciousServer({ random: this.random.fork() })
    this.server.conduct = conduct
    this.startServer(this.server)
  }

  /** The server says something of its own accord. */
  tell(to: FakePage, message: ServerMessage): void {
    this.server.say(idOf(to), message)
    this.place.host?.settle()
  }

  /** The server's hands do something, and what they say goes out. */
  strike(run: () => void): void {
    run()
    this.place.host?.settle()
  }

  /** As if somebody inside had found that they belong there: their tickets go out. */
  confirm(page: FakePage): void {
    const voice = { id: idOf(page), hear: () => {} }
    this.strike(() => this.server.act(voice, { type: 'confirm', memberId: voice.id }))
  }

  ghost(): Ghost {
    return new Ghost(this.server, this.random.fork())
  }

  /** A caller whom nobody lets in by hand: rings, and is accepted if it comes to that. */
  async meet(name: string, host: FakePage, code: RoomCode, withinMs = 60_000): Promise<FakePage> {
    const caller = this.join(name, code)
    await this.until(() => host.snapshot.callers.length === 1, withinMs)
    host.call.accept(host.snapshot.callers[0]?.id ?? '')
    await this.until(() => areTalking(host, caller), withinMs)
    return caller
  }
}

export function idOf(page: FakePage): string {
  return page.snapshot.selfId ?? ''
}

/** Whether each of these hears all the others, and knows that they know the code. */
export function areTalking(...pages: readonly FakePage[]): boolean {
  return pages.every(
    (page) =>
      page.connected.length === pages.length - 1 &&
      page.snapshot.peers.every(({ trust }) => trust !== 'pending'),
  )
}

/** What two people would read to each other. */
export function emojiOf(page: FakePage): string {
  return page.snapshot.peers.map(({ emoji }) => emoji.map(({ symbol }) => symbol).join('')).join(' ')
}
