import {
  type ConnectionMachine,
  type Crypto,
  type Datagram,
  type Millis,
  type PathId,
  type PathTable,
  type Random,
  randomInteger,
  TimerTable,
  type TransportAddress,
} from '@crowfly/sansio'
import {
  BindingServer,
  checkFingerprint,
  hasUnknownAttributes,
  Method,
  methodOf,
  StunMessage,
} from '@crowfly/stun'
import type { IcmpError } from '../proto/attributes/icmp.ts'
import { isChannelData } from '../proto/channel-data.ts'
import { isKnownTurnAttribute } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { AllocationTable } from './allocation-table.ts'
import { Authenticator } from './authenticator.ts'
import { checkOptions } from './check-options.ts'
import { DataPath } from './data-path.ts'
import { handleAllocate } from './handle-allocate.ts'
import { handleChannelBind } from './handle-channel-bind.ts'
import { handleCreatePermission } from './handle-create-permission.ts'
import { handleRefresh } from './handle-refresh.ts'
import { NonceMint } from './nonce-mint.ts'
import { Outbox } from './outbox.ts'
import type { PeerPolicy } from './peer-policy.ts'
import type { RelayDatagram, RelayId, TurnServerEvent } from './relay.ts'
import { RelayedAddresses } from './relayed-addresses.ts'
import { ReplyLimiter } from './reply-limiter.ts'
import { ReplyWriter } from './reply-writer.ts'
import { Reservations } from './reservations.ts'
import { Streams } from './streams.ts'
import type { TurnAccounts } from './turn-account.ts'
import { DEFAULT_TURN_LIMITS, type TurnLimits } from './turn-limits.ts'
import type { Answer, TurnRequest, TurnState } from './turn-request.ts'
import {
  createTurnServerCounters,
  type ReplyCount,
  type TurnServerCounters,
  type UnauthenticatedReply,
} from './turn-server-counters.ts'

/** Settings of a `TurnServer`. */
export interface TurnServerOptions {
  /** The clients' paths. An allocation holds its UDP path: give the table more room than `limits.maxAllocations`. */
  paths: PathTable
  random: Random
  crypto: Crypto
  /** RFC 8489 §14.9; short, since every refusal carries it. */
  realm: string
  /** 32 random bytes, new in each process: see `NonceMint`. */
  nonceKey: Uint8Array
  accounts: TurnAccounts
  peers: PeerPolicy
  limits?: Partial<TurnLimits>
  /**
   * Lets clients bind channels up to 0x7FFF, as RFC 5766 §11 had it and coturn's clients do, not to 0x4FFF alone. What
   * RFC 8656 §12 gave the others up for is multiplexing at the client, which is the client's to know. Default false.
   */
  acceptsClassicChannels?: boolean
  /** What SOFTWARE says in responses to authenticated requests, under 128 characters. Left out by default. */
  software?: string
}

/** What a server has now. */
export interface TurnServerSizes {
  allocations: number
  reservations: number
  /** Ports of relayed addresses that are in use or reserved. */
  ports: number
  /** TCP and TLS connections. */
  streams: number
  timers: number
}

/**
 * A TURN server (RFC 8656) that answers STUN Binding requests as well, for clients over UDP, TCP and TLS.
 * DEVIATION: §5 wants DTLS too, which no browser speaks to a relay.
 *
 * Each input gives rise to one output at most: to a client by `pollTransmit`, or by a relay socket to a peer by
 * `pollRelayTransmit`. It may lie in the input's buffer or in one of this object's; drain before the next input.
 * A client of which the machine is told by `handleOpen` loses its allocation with `handleClose`; UDP clients are not
 * announced. In public mode relay sockets are asked for by events, when the first peer is permitted that needs one.
 */
export class TurnServer implements ConnectionMachine<TurnServerEvent, undefined> {
  readonly #paths: PathTable
  readonly #timers: TimerTable
  readonly #limits: TurnLimits
  readonly #allocations: AllocationTable
  readonly #reservations: Reservations
  readonly #streams: Streams
  readonly #relayed: RelayedAddresses
  readonly #state: TurnState
  readonly #authenticator: Authenticator
  readonly #nonces: NonceMint
  readonly #replies: ReplyWriter
  readonly #dataPath: DataPath
  readonly #bindingServer: BindingServer
  readonly #challengeLimiter: ReplyLimiter
  readonly #bindingLimiter: ReplyLimiter
  readonly #outbox = new Outbox()
  readonly #message = new StunMessage()
  readonly #bindingReply: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  /** At most a few for each allocation; drained after every input. */
  readonly #events: TurnServerEvent[] = []
  readonly #counters = createTurnServerCounters()

  constructor(options: TurnServerOptions) {
    const { paths, random, crypto, realm, accounts } = options
    const limits = { ...DEFAULT_TURN_LIMITS, ...options.limits }
    checkOptions(options, limits)
    this.#paths = paths
    this.#limits = limits
    const firstStreamSlot = limits.maxAllocations + limits.maxReservations
    const timers = new TimerTable(firstStreamSlot + paths.capacity)
    this.#timers = timers
    const emit = (event: TurnServerEvent): void => {
      this.#events.push(event)
    }
    this.#allocations = new AllocationTable({
      paths,
      limits,
      timers,
      emit,
      began: (allocation, now) => this.#dataPath.admit(allocation, now),
      ended: ({ path }, now) => this.#streams.idle(path, now),
    })
    this.#reservations = new Reservations({
      random,
      timers,
      firstSlot: limits.maxAllocations,
      maxReservations: limits.maxReservations,
    })
    this.#streams = new Streams({
      timers,
      firstSlot: firstStreamSlot,
      maxIdleMs: limits.maxIdleStreamSeconds * 1000,
    })
    this.#relayed = new RelayedAddresses(options.peers)
    this.#state = {
      paths,
      random,
      limits,
      allocations: this.#allocations,
      relayed: this.#relayed,
      reservations: this.#reservations,
      acceptsClassicChannels: options.acceptsClassicChannels ?? false,
      emit,
    }
    const lifetimeMs = limits.nonceLifetimeSeconds * 1000
    this.#nonces = new NonceMint({ crypto, paths, key: options.nonceKey, lifetimeMs })
    this.#authenticator = new Authenticator({ crypto, realm, accounts, nonces: this.#nonces })
    this.#replies = new ReplyWriter(crypto, realm, options.software)
    this.#dataPath = new DataPath({
      random,
      limits,
      allocations: this.#allocations,
      relayed: this.#relayed,
      outbox: this.#outbox,
      counters: this.#counters,
    })
    this.#bindingServer = new BindingServer({ paths })
    const limiter = (limit: number): ReplyLimiter =>
      new ReplyLimiter(paths, limit, randomInteger(random, 2 ** 32))
    this.#challengeLimiter = limiter(limits.maxUnauthenticatedRepliesPerSecond)
    this.#bindingLimiter = limiter(limits.maxBindingRepliesPerSecond)
  }

  /** Live counts; read them, do not write them. */
  get counters(): Readonly<TurnServerCounters> {
    return this.#counters
  }

  /** What there is now. */
  get sizes(): TurnServerSizes {
    return {
      allocations: this.#allocations.size,
      reservations: this.#reservations.size,
      ports: this.#relayed.usedPorts,
      streams: this.#streams.size,
      timers: this.#timers.size,
    }
  }

  handleOpen(path: PathId, _opened: undefined, now: Millis): void {
    this.#begin(now)
    this.#streams.open(path, now)
  }

  handleClose(path: PathId, now: Millis): void {
    this.#begin(now)
    const allocation = this.#allocations.at(path)
    if (allocation !== undefined) this.#allocations.end(allocation, now)
    this.#streams.close(path)
    this.#outbox.discard(path)
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#begin(now)
    const { bytes, start, end, path } = input
    if (isChannelData(bytes, start, end)) {
      this.#dataPath.handleChannelData(input, now)
      return
    }
    const type = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0)
    if (methodOf(type) === Method.BINDING) {
      this.#noteActivity(path, now)
      this.#handleBinding(input, now)
      return
    }
    const message = this.#message
    const fault = message.decode(bytes, start, end)
    const fingerprint = fault === undefined ? checkFingerprint(message) : 'wrong'
    if (fingerprint === 'wrong') {
      this.#counters.dropped.malformed++
      return
    }
    this.#noteActivity(path, now)
    if (message.messageClass === 'request') this.#handleRequest(path, fingerprint === 'right', now)
    else if (message.messageClass === 'indication' && message.method === TurnMethod.SEND) {
      this.#dataPath.handleSend(message, input, now)
    } else this.#counters.dropped.unsupported++
  }

  /** Public mode: a relay socket received this from a peer. */
  handleRelayDatagram(input: RelayDatagram, now: Millis): void {
    this.#begin(now)
    this.#dataPath.handleRelayDatagram(input, now)
  }

  /** Public mode: an ICMP error came back for what a relay socket had sent to `peer`. RFC 8656 §11.5. */
  handleRelayIcmp(relay: RelayId, peer: TransportAddress, error: IcmpError, now: Millis): void {
    this.#begin(now)
    this.#dataPath.handleRelayIcmp(relay, peer, error, now)
  }

  /** Public mode: the socket could not be opened, or is broken. The relay is gone, and the client may make another. */
  handleRelayFailed(relay: RelayId, now: Millis): void {
    this.#begin(now)
    const allocation = this.#allocations.ofRelay(relay)
    const family = (relay & 1) === 0 ? 4 : 6
    if (allocation?.relayOf(family)?.isOpen) this.#allocations.removeRelay(allocation, family, now)
  }

  /** Somebody has left: the allocations of all usernames that were theirs end now. */
  endAllocationsOf(isTheirs: (username: string) => boolean, now: Millis): void {
    this.#begin(now)
    this.#allocations.endAllOf(isTheirs, now)
  }

  handleTimeout(now: Millis): void {
    if (this.#timers.next() > now) return
    const { maxAllocations, maxReservations } = this.#limits
    for (let slot = this.#timers.expire(now); slot >= 0; slot = this.#timers.expire(now)) {
      if (slot < maxAllocations) this.#allocations.handleTimeout(slot, now)
      else if (slot < maxAllocations + maxReservations) this.#reservations.handleTimeout(slot)
      else this.#events.push({ type: 'disconnect', path: this.#streams.pathOf(slot) })
    }
  }

  pollTransmit(out: Datagram): boolean {
    return this.#outbox.pollForClient(out)
  }

  /** Public mode: fills `out` with what a relay socket is to send to a peer, and says whether there was something. */
  pollRelayTransmit(out: RelayDatagram): boolean {
    return this.#outbox.pollForPeer(out)
  }

  pollEvent(): TurnServerEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): Millis {
    return this.#timers.next()
  }

  #begin(now: Millis): void {
    this.#outbox.clear()
    this.handleTimeout(now)
  }

  /** A stream without an allocation is alive. */
  #noteActivity(path: PathId, now: Millis): void {
    if (this.#paths.transport(path) === 'udp' || this.#allocations.at(path) !== undefined) return
    this.#streams.idle(path, now)
  }

  #handleBinding(input: Datagram, now: Millis): void {
    this.#bindingServer.handleDatagram(input, now)
    const reply = this.#bindingReply
    if (!this.#bindingServer.pollTransmit(reply)) return
    const count = this.#admit('binding', input.end - input.start, input.path, now)
    if (count === undefined) return
    count.replyBytes += reply.end - reply.start
    this.#outbox.putForClient(reply.bytes, reply.start, reply.end, reply.path)
  }

  #handleRequest(path: PathId, hasFingerprint: boolean, now: Millis): void {
    const message = this.#message
    const { method } = message
    if (!isRequestMethod(method)) {
      this.#counters.dropped.unsupported++
      return
    }
    const credentials = this.#authenticator.authenticate(message, path, now)
    if (typeof credentials === 'number') {
      this.#challenge(credentials, path, hasFingerprint, now)
      return
    }
    // Credentials that have expired are none, for a new allocation.
    const isNew = method === TurnMethod.ALLOCATE && this.#allocations.at(path) === undefined
    if (isNew && !credentials.account.mayAllocate) {
      this.#challenge(401, path, hasFingerprint, now)
      return
    }
    const answer = this.#answer({ ...credentials, message, path, now })
    this.#count(method, answer)
    if (this.#allocations.at(path) !== undefined) this.#streams.busy(path)
    const end = this.#replies.write(message, credentials, answer, hasFingerprint)
    this.#outbox.putForClient(this.#replies.bytes, 0, end, path)
  }

  // RFC 8489 §6.3: unknown attributes come after authentication. RFC 8656 §5: then the allocation, and whose it is.
  #answer(request: TurnRequest): Answer {
    const { message, path, username } = request
    if (hasUnknownAttributes(message, isKnownTurnAttribute)) return 420
    if (message.method === TurnMethod.ALLOCATE) return handleAllocate(this.#state, request)
    const allocation = this.#allocations.at(path)
    if (allocation === undefined) return 437
    if (allocation.username !== username) return 441
    if (message.method === TurnMethod.REFRESH) return handleRefresh(this.#state, request, allocation)
    if (message.method === TurnMethod.CREATE_PERMISSION) {
      return handleCreatePermission(this.#state, request, allocation)
    }
    return handleChannelBind(this.#state, request, allocation)
  }

  #challenge(code: 400 | 401 | 438, path: PathId, hasFingerprint: boolean, now: Millis): void {
    const message = this.#message
    const kind = code === 400 ? 'badRequest' : code === 401 ? 'unauthenticated' : 'staleNonce'
    const count = this.#admit(kind, message.end - message.start, path, now)
    if (count === undefined) return
    const nonce = code === 400 ? undefined : this.#nonces.mint(path, now)
    const end = this.#replies.writeChallenge(message, code, nonce, hasFingerprint)
    count.replyBytes += end
    this.#outbox.putForClient(this.#replies.bytes, 0, end, path)
  }

  /** Counts what anybody can cause; undefined when this address, or this connection, has had enough of it. */
  #admit(
    kind: UnauthenticatedReply,
    requestBytes: number,
    path: PathId,
    now: Millis,
  ): ReplyCount | undefined {
    const count = this.#counters.unauthenticated[kind]
    count.requests++
    count.requestBytes += requestBytes
    const limiter = kind === 'binding' ? this.#bindingLimiter : this.#challengeLimiter
    if (!limiter.take(path, now) || (kind !== 'binding' && this.#isTiresome(path))) {
      count.suppressed++
      return undefined
    }
    count.replies++
    return count
  }

  // DEVIATION: RFC 8489 §6.2.2 wants no connection closed before its last request is answered.
  /** Whether a connection has been refused too often; it is then cut off. */
  #isTiresome(path: PathId): boolean {
    if (this.#allocations.at(path) !== undefined) return false
    const excess = this.#streams.refuse(path) - this.#limits.maxRefusalsPerStream
    if (excess === 1) this.#events.push({ type: 'disconnect', path })
    return excess > 0
  }

  #count(method: number, answer: Answer): void {
    const { granted, refused } = this.#counters
    if (typeof answer === 'number') refused[answer]++
    else if (method === TurnMethod.ALLOCATE) granted.allocate++
    else if (method === TurnMethod.REFRESH) granted.refresh++
    else if (method === TurnMethod.CREATE_PERMISSION) granted.createPermission++
    else granted.channelBind++
  }
}

function isRequestMethod(method: number): boolean {
  return (
    method === TurnMethod.ALLOCATE ||
    method === TurnMethod.REFRESH ||
    method === TurnMethod.CREATE_PERMISSION ||
    method === TurnMethod.CHANNEL_BIND
  )
}
