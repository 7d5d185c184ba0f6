import { encodeBase64url } from '@crowfly/bytes'
import type { ConnectionMachine, Datagram, Millis, PathId } from '@crowfly/sansio'
import { ClosedPolls } from './closed-polls.ts'
import { FrameBacklog } from './frame-backlog.ts'
import { FrameQueue } from './frame-queue.ts'
import { OwnerTimers } from './owner-timers.ts'
import { type PollCounters, type PollRefusal, zeroPollCounters } from './poll-counters.ts'
import { type PollAnswer, type PollRequest, pollAnswer, pollRequest } from './poll-message.ts'
import type { PollServerEvent } from './poll-server-event.ts'
import { Queue } from './queue.ts'
import { decode, encode } from './schema.ts'

/** Bounds of a `PollServer`. */
export interface PollLimits {
  /** Connections at a time. Beyond: those that are ending go first, then no further one is taken. */
  readonly maxConnections: number
  /** Octets that may wait for the client of one connection before it is closed. */
  readonly maxBufferedBytes: number
  /** Milliseconds after which a poll is answered although there is nothing to say; at most 25 000. */
  readonly pollAnswerMs: Millis
  /** Milliseconds without a poll after which a connection is closed. */
  readonly pollLapseMs: Millis
}

/** One connection, made of requests. */
class PollLink {
  readonly key: string
  readonly link: PathId
  /** In the server's timers: the end of the poll that waits, or else of the connection. */
  slot = -1
  readonly backlog = new FrameBacklog()
  /** Number of the last send that was taken. */
  taken = 0
  /** Number of the newest batch, and of the newest that the client has. */
  batchNumber = 0
  acknowledged = 0
  /** The newest batch as an answer, until it is acknowledged. */
  batch: Uint8Array | undefined
  /** The request that waits for something to say. */
  poll: PathId | undefined
  /** Closed from this side: what waits is still fetched, what comes is not heard. */
  isEnding = false
  /** The newest batch is the last. */
  hasLastBatch = false

  constructor(key: string, link: PathId) {
    this.key = key
    this.link = link
  }

  get bufferedBytes(): number {
    return this.backlog.bytes + (this.batch?.length ?? 0)
  }
}

/**
 * Connections over HTTP, for clients whose WebSockets do not get through (PROTOCOL.md §1.2).
 *
 * To this machine a request is a path: `handleOpen` when its head has come, one datagram that is its body, one that is
 * the answer's, `handleClose` when whoever asked has gone. The connections that the requests make up are `link`s.
 */
export class PollServer<Client> implements ConnectionMachine<PollServerEvent<Client>, Client> {
  readonly #limits: PollLimits
  readonly #counters = zeroPollCounters()
  readonly #events = new Queue<PollServerEvent<Client>>()
  readonly #answers = new FrameQueue()
  /** Requests that are not answered yet: what is known of who asks, or the link whose poll it is. */
  readonly #requests = new Map<PathId, { readonly client: Client; poller: PollLink | undefined }>()
  readonly #byKey = new Map<string, PollLink>()
  readonly #links: (PollLink | undefined)[] = []
  readonly #freeLinks: PathId[] = []
  readonly #ending = new Set<PollLink>()
  readonly #closed = new ClosedPolls()
  readonly #timers: OwnerTimers<PollLink>
  /** Links whose poll can be answered; what else there is to say by then goes into the same answer. */
  readonly #ready = new Set<PollLink>()
  #now: Millis = 0

  constructor(limits: PollLimits) {
    this.#limits = limits
    this.#timers = new OwnerTimers(limits.maxConnections)
  }

  /** Plain numbers for metrics. Read only. */
  get counters(): Readonly<PollCounters> {
    return this.#counters
  }

  handleOpen(path: PathId, client: Client, now: Millis): void {
    this.handleClose(path, now)
    this.#requests.set(path, { client, poller: undefined })
  }

  handleClose(path: PathId, now: Millis): void {
    this.#now = now
    const poller = this.#requests.get(path)?.poller
    this.#requests.delete(path)
    if (poller === undefined) return
    poller.poll = undefined
    this.#ready.delete(poller)
    this.#timers.schedule(poller.slot, now + this.#limits.pollLapseMs)
  }

  handleDatagram(input: Datagram, now: Millis): void {
    const asked = this.#requests.get(input.path)
    if (asked === undefined || asked.poller !== undefined) return
    this.#now = now
    const request = decode(pollRequest, input.bytes, input.start, input.end)
    const refusal = typeof request === 'string' ? 'malformed' : this.#take(input.path, request, asked.client)
    if (refusal !== undefined) this.#refuse(input.path, refusal)
  }

  handleTimeout(now: Millis): void {
    this.#now = now
    for (let link = this.#timers.expire(now); link !== undefined; link = this.#timers.expire(now)) {
      if (link.poll !== undefined) {
        this.#answerEmpty(link, link.poll)
        continue
      }
      if (!link.isEnding) {
        this.#counters.lapsed++
        this.#events.push({ type: 'closed', link: link.link })
      }
      this.#forget(link)
    }
  }

  /** Sends `frame` on a connection; nobody may write to it again. A client that fetches nothing is closed. */
  send(link: PathId, frame: Uint8Array, now: Millis): void {
    this.#now = now
    const known = this.#links[link]
    if (known === undefined || known.isEnding) return
    known.backlog.push(frame)
    if (known.bufferedBytes > this.#limits.maxBufferedBytes) {
      this.#counters.overflown++
      this.#events.push({ type: 'closed', link })
      this.#forget(known)
    } else if (known.poll !== undefined) this.#ready.add(known)
  }

  /** Closes a connection; what it was sent before is still fetched. No `closed` follows. */
  close(link: PathId, now: Millis): void {
    this.#now = now
    const known = this.#links[link]
    if (known === undefined || known.isEnding) return
    known.isEnding = true
    // The driver may give the number to another one at once.
    this.#links[link] = undefined
    this.#freeLinks.push(link)
    this.#ending.add(known)
    if (known.poll !== undefined) this.#ready.add(known)
    else this.#timers.schedule(known.slot, now + this.#limits.pollLapseMs)
  }

  /** Sets `out.bytes` to the answer's own octets; they are never written again. Each is the whole answer. */
  pollTransmit(out: Datagram): boolean {
    for (const link of this.#ready) {
      this.#ready.delete(link)
      this.#answer(link)
    }
    return this.#answers.poll(out)
  }

  pollEvent(): PollServerEvent<Client> | undefined {
    return this.#events.shift()
  }

  pollTimeout(): Millis {
    return this.#timers.next()
  }

  #take(path: PathId, request: PollRequest, client: Client): PollRefusal | undefined {
    const key = encodeBase64url(request.connection)
    const known = this.#byKey.get(key)
    if (request.type === 'poll') {
      if (known === undefined) return 'gone'
      return this.#poll(known, path, request.received)
    }
    if (known !== undefined) return this.#send(known, path, request)
    // A late copy of what began a connection that is over begins no other.
    if (request.number !== 1 || this.#closed.has(key)) return 'gone'
    const begun = this.#begin(key, client)
    return begun === undefined ? 'full' : this.#send(begun, path, request)
  }

  #begin(key: string, client: Client): PollLink | undefined {
    if (this.#byKey.size >= this.#limits.maxConnections) {
      const [oldest] = this.#ending
      if (oldest === undefined) return undefined
      this.#forget(oldest)
    }
    const number = this.#freeLinks.pop() ?? this.#links.length
    const link = new PollLink(key, number)
    link.slot = this.#timers.add(link)
    this.#timers.schedule(link.slot, this.#now + this.#limits.pollLapseMs)
    this.#links[number] = link
    this.#byKey.set(key, link)
    this.#counters.connections = this.#byKey.size
    this.#events.push({ type: 'opened', link: number, client })
    return link
  }

  #send(
    link: PollLink,
    path: PathId,
    { number, isLast, frames }: Extract<PollRequest, { type: 'send' }>,
  ): PollRefusal | undefined {
    if (number > link.taken + 1 || number === 0) return 'malformed'
    this.#counters.sends++
    this.#reply(path, { type: 'taken', number })
    if (number <= link.taken) {
      this.#counters.repeatedSends++
      return undefined
    }
    link.taken = number
    if (link.isEnding) return undefined
    for (const bytes of frames) this.#events.push({ type: 'frame', link: link.link, bytes })
    if (isLast) {
      this.#events.push({ type: 'closed', link: link.link })
      this.#forget(link)
    }
    return undefined
  }

  #poll(link: PollLink, path: PathId, received: number): PollRefusal | undefined {
    if (received > link.batchNumber) return 'malformed'
    this.#counters.polls++
    // A copy that was under way for long: the client has polled since.
    if (received < link.acknowledged) {
      this.#answerEmpty(link, path)
      return undefined
    }
    link.acknowledged = received
    if (received === link.batchNumber) {
      link.batch = undefined
      if (link.hasLastBatch) {
        this.#forget(link)
        return 'gone'
      }
    }
    if (link.poll !== undefined) {
      this.#counters.endedPolls++
      this.#answerEmpty(link, link.poll)
    }
    const asked = this.#requests.get(path)
    if (asked !== undefined) asked.poller = link
    link.poll = path
    if (link.batch !== undefined || !link.backlog.isEmpty || link.isEnding) this.#ready.add(link)
    else this.#timers.schedule(link.slot, this.#now + this.#limits.pollAnswerMs)
    return undefined
  }
  /** Answers the poll that waits with a batch: the one that the client has not, or a new one. */
  #answer(link: PollLink): void {
    const path = link.poll
    if (path === undefined) return
    if (link.batch !== undefined) this.#counters.repeatedBatches++
    else {
      const frames = link.backlog.take()
      link.batchNumber++
      link.hasLastBatch = link.isEnding && link.backlog.isEmpty
      const batch = { number: link.batchNumber, isLast: link.hasLastBatch, frames }
      link.batch = encode(pollAnswer, { type: 'batch', ...batch })
    }
    this.#endPoll(link, path)
    this.#answers.push(path, link.batch)
  }

  /** Has nothing to say to a poll, of `link` or a late copy of one. */
  #answerEmpty(link: PollLink, path: PathId): void {
    if (link.poll === path) this.#endPoll(link, path)
    this.#reply(path, { type: 'batch', number: link.acknowledged, isLast: false, frames: [] })
  }

  #endPoll(link: PollLink, path: PathId): void {
    link.poll = undefined
    this.#requests.delete(path)
    this.#timers.schedule(link.slot, this.#now + this.#limits.pollLapseMs)
  }

  #reply(path: PathId, answer: PollAnswer): void {
    this.#requests.delete(path)
    this.#answers.push(path, encode(pollAnswer, answer))
  }

  #refuse(path: PathId, reason: PollRefusal): void {
    this.#counters.refused[reason]++
    this.#requests.delete(path)
    this.#events.push({ type: 'refused', path, reason })
  }

  #forget(link: PollLink): void {
    if (link.poll !== undefined) this.#answerEmpty(link, link.poll)
    this.#ready.delete(link)
    this.#ending.delete(link)
    this.#timers.remove(link.slot)
    this.#byKey.delete(link.key)
    this.#closed.add(link.key, this.#now)
    this.#counters.connections = this.#byKey.size
    if (link.isEnding) return
    // Only now: the number of one that is ending is free already.
    this.#links[link.link] = undefined
    this.#freeLinks.push(link.link)
  }
}
