import type { Datagram } from '@crowfly/sansio'
import { type MemberEvent, type MemberId, MemberSession } from '@crowfly/signaling'
import { clientFrame, decode } from '@crowfly/signaling/wire'
import { SeededRandom } from '@crowfly/testkit'
import { repairScript, steps } from '../signaling-script.ts'
import { type FuzzTarget, invariant } from '../target.ts'

/** A member session and what its driver and owner do, through one input. */
class Run {
  readonly session = new MemberSession({ random: new SeededRandom(1) })
  readonly #open = new Set<number>()
  readonly #present = new Set<MemberId>()
  readonly #said = new Set<string>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #isOver = false
  #isLooking: boolean
  #now = 0

  constructor(isLooking: boolean) {
    if (isLooking) this.session.look('4821', this.#now)
    else this.session.open({ kind: 'create' }, this.#now)
    this.#isLooking = isLooking
    this.#settle()
  }

  step(kind: number, path: number, bytes: Uint8Array): void {
    if (kind === 0) this.#connect(path)
    else if (kind === 1) this.#close(path)
    else if (kind === 2) this.#now += (bytes[0] ?? 0) * 200
    else if (kind === 3) this.#act(bytes)
    else if (kind === 4) this.session.handleNetworkChange(this.#now)
    else if (this.#open.has(path)) this.#receive(path, bytes)
    this.#settle()
  }

  /** The session is left; nothing is to be due then. Returns what it said. */
  finish(): string {
    this.session.leave()
    this.#settle()
    invariant(this.session.pollTimeout() === Infinity, 'a deadline is left')
    return [...this.#said].sort().join(' ')
  }

  #connect(path: number): void {
    if (this.#open.has(path)) return
    this.#open.add(path)
    this.session.handleOpen(path, undefined, this.#now)
  }

  #close(path: number): void {
    this.#open.delete(path)
    this.session.handleClose(path, this.#now)
  }

  /** What its owner does: the first octet says what. */
  #act(bytes: Uint8Array): void {
    const kind = bytes[0] ?? 0
    if (kind === 1) this.session.leaveTickets([bytes.slice(0, 255)], bytes.length > 1)
    else if (kind === 2 && this.#isLooking) this.#enter()
    else if (kind === 3 && this.#isLooking) this.session.look('kitchen', this.#now)
    for (const member of this.#present) {
      if (kind === 4) this.session.askTicket(member)
      else if (kind === 5) this.session.confirm(member)
      else if (kind === 6) this.session.reportGuess(member)
      else this.session.send(member, bytes)
    }
  }

  /** Those whom the look has shown may be spoken to at once. */
  #enter(): void {
    this.#isLooking = false
    this.session.open({ kind: 'join', nameplate: '4821', ifEmpty: 'refuse' }, this.#now)
  }

  #receive(path: number, bytes: Uint8Array): void {
    this.session.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.#now)
    this.#drain()
    bytes.fill(0xee)
  }

  #settle(): void {
    this.session.handleTimeout(this.#now)
    this.#drain()
    invariant(this.session.pollTimeout() > this.#now, 'the deadline is not ahead')
  }

  #drain(): void {
    for (let polls = 0; polls < 5_000; polls++) {
      if (this.session.pollTransmit(this.#out)) {
        this.#check()
        continue
      }
      const event = this.session.pollEvent()
      if (event === undefined) return
      this.#note(event)
    }
    invariant(false, 'it never stops to speak')
  }

  #check(): void {
    const { bytes, start, end, path } = this.#out
    invariant(this.#open.has(path), 'it speaks to nobody')
    const frame = decode(clientFrame, bytes, start, end)
    invariant(typeof frame !== 'string', 'it speaks nonsense')
    this.#said.add(frame.type === 'item' ? frame.message.type : frame.type)
  }

  #note(event: MemberEvent): void {
    this.#said.add(event.type)
    invariant(!this.#isOver || event.type === 'disconnect', `${event.type} after the end`)
    if (event.type === 'disconnect') this.#close(event.path)
    if (event.type === 'refused') {
      this.#isOver = true
      this.#isLooking = false
    }
    if (event.type === 'looked' || event.type === 'lookRefused') {
      invariant(this.#isLooking, `${event.type} when nobody looks`)
    }
    if (event.type === 'joined') {
      invariant(!this.#isLooking, 'joined without asking')
      for (const { id } of event.members) {
        invariant(!this.#present.has(id), 'somebody is there twice')
        this.#present.add(id)
      }
    }
    if (event.type === 'memberJoined') {
      invariant(!this.#present.has(event.member), 'somebody joined twice')
      this.#present.add(event.member)
    }
    if (event.type === 'memberLeft') {
      invariant(this.#present.delete(event.member), 'somebody left without being there')
    }
    if (event.type === 'memberReturned') invariant(this.#present.has(event.member), 'nobody returned')
  }
}

/** A member's session with a server that says anything: it stays sound, and its owner hears a consistent story. */
export const target: FuzzTarget = {
  run(input) {
    // A bit of the first step that means nothing to it.
    const run = new Run(((input[0] ?? 0) & 0x80) !== 0)
    for (const { kind, path, bytes } of steps(input)) run.step(kind, path, bytes)
    return run.finish()
  },
  repair: repairScript,
  maxBytes: 1024,
}
