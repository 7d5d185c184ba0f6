/** Items after which an acknowledgement is due by itself rather than on the next ping, pong or item. */
const ackEveryItems = 16
/** Octets after which an acknowledgement is due by itself. */
const ackEveryBytes = 64 * 1024

/** Acknowledged frames that are left in the list before it is closed up. */
const compactAt = 32

/** What a sequence number means to the receiver. */
export type Arrival = 'next' | 'duplicate' | 'gap'

/**
 * One end of a session: items in order, exactly once, over any number of connections (PROTOCOL.md §4.2).
 *
 * It keeps the frames that the other end has not acknowledged, as they went out, for `unacknowledged` after a
 * resume. It is told what arrived and sends nothing by itself.
 */
export class ReliableStream {
  /** Undefined when nothing waits, which is so for most streams most of the time. */
  #frames: Uint8Array[] | undefined
  /** Frames of `#frames` that are acknowledged already and go with the next compaction. */
  #head = 0
  #bytes = 0
  #sent = 0
  #received = 0
  #told = 0
  #untoldBytes = 0

  /** The sequence number that the next frame has to carry. The first is 1. */
  get nextSeq(): number {
    return this.#sent + 1
  }

  /** Everything up to this number has been received. */
  get received(): number {
    return this.#received
  }

  /** Frames that wait for an acknowledgement. */
  get waiting(): number {
    return (this.#frames?.length ?? 0) - this.#head
  }

  /** Octets that wait for an acknowledgement. */
  get waitingBytes(): number {
    return this.#bytes
  }

  /** Whether the other end should be told what was received without waiting for an item, ping or pong. */
  get isAckDue(): boolean {
    return this.#received - this.#told >= ackEveryItems || this.#untoldBytes >= ackEveryBytes
  }

  /** What was received, for a frame that carries it to the other end now. */
  takeAck(): number {
    this.#told = this.#received
    this.#untoldBytes = 0
    return this.#received
  }

  /** Keeps the frame that carries `nextSeq`. The stream owns it from now on; nobody writes to it again. */
  push(frame: Uint8Array): void {
    this.#sent++
    this.#bytes += frame.length
    if (this.#frames === undefined) this.#frames = [frame]
    else this.#frames.push(frame)
  }

  /** Whether the number continues what was received; `next` takes it as received. */
  accept(seq: number, bytes: number): Arrival {
    if (seq <= this.#received) return 'duplicate'
    if (seq !== this.#received + 1) return 'gap'
    this.#received = seq
    this.#untoldBytes += bytes
    return 'next'
  }

  /** Where `ack` lies: ahead of what was sent, passed by what was acknowledged since, or where it can go on. */
  standingOf(ack: number): 'ahead' | 'passed' | 'current' {
    if (ack > this.#sent) return 'ahead'
    return ack < this.#sent - this.waiting ? 'passed' : 'current'
  }

  /** Forgets what the other end has. False if it acknowledges what was never sent; an old number is harmless. */
  acknowledge(ack: number): boolean {
    if (ack > this.#sent) return false
    if (this.#frames === undefined) return true
    while (this.#sent - this.waiting < ack) this.#bytes -= this.#frames[this.#head++]?.length ?? 0
    if (this.waiting === 0) {
      this.#frames = undefined
      this.#head = 0
    } else if (this.#head >= compactAt) {
      this.#frames.splice(0, this.#head)
      this.#head = 0
    }
    return true
  }

  /** The frames to send again on a new connection, oldest first. */
  unacknowledged(): readonly Uint8Array[] {
    return this.#frames?.slice(this.#head) ?? []
  }
}
