import type { Datagram } from '@crowfly/sansio'
import { SeededRandom } from '@crowfly/testkit'
import { type LineReport, type LineWish, ServerLine } from '../server-line.ts'
import { type ClientFrame, clientFrame, decode, encode, type ServerFrame, serverFrame } from '../wire.ts'

/** A line, what it wants and what it sends. */
export class LineBench {
  readonly wishes: LineWish[] = []
  readonly line: ServerLine
  readonly sent: { path: number; frame: ClientFrame }[] = []
  now = 1000
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }

  constructor(seed = 1) {
    this.line = new ServerLine(new SeededRandom(seed), this.wishes)
    this.line.post({ type: 'leave' })
    this.line.open(this.now)
  }

  open(path: number): void {
    this.line.handleOpen(path, this.now)
    this.#drain()
  }

  move(path: number): void {
    this.line.moveTo(path, this.now)
    this.#drain()
  }

  post(): void {
    this.line.post({ type: 'askIceServers' })
    this.#drain()
  }

  close(path: number): LineReport | undefined {
    const report = this.line.handleClose(path, this.now)
    this.#drain()
    return report
  }

  timeout(): LineReport | undefined {
    this.now = this.line.pollTimeout()
    const report = this.line.handleTimeout(this.now)
    this.#drain()
    return report
  }

  say(path: number, frame: ServerFrame | Uint8Array): LineReport | undefined {
    const bytes = frame instanceof Uint8Array ? frame : encode(serverFrame, frame)
    const report = this.line.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.now)
    this.#drain()
    return report
  }

  welcome(path: number, isResumed: boolean, received = 0): LineReport | undefined {
    return this.say(path, {
      type: 'welcome',
      isResumed,
      received,
      pingEveryMs: 2000,
      deadAfterMs: 3000,
      graceMs: 20_000,
    })
  }

  /** The types of the frames sent on a path. */
  types(path: number): string[] {
    return this.sent.filter((sent) => sent.path === path).map(({ frame }) => frame.type)
  }

  hello(path: number): Extract<ClientFrame, { type: 'hello' }> {
    const frame = this.sent.find((sent) => sent.path === path)?.frame
    if (frame?.type !== 'hello') throw new TypeError('it did not say hello first')
    return frame
  }

  #drain(): void {
    while (this.line.frames.poll(this.#out)) {
      const frame = decode(clientFrame, this.#out.bytes)
      if (typeof frame === 'string') throw new TypeError(frame)
      this.sent.push({ path: this.#out.path, frame })
    }
  }
}
