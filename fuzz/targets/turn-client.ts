import type { Datagram, Millis } from '@crowfly/sansio'
import {
  deriveLongTermKey,
  encodeErrorCode,
  encodeMessageIntegrity,
  encodeNonce,
  encodeRealm,
  encodeXorMappedAddress,
  PasswordAlgorithmNumber,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { SeededRandom } from '@crowfly/testkit'
import {
  ChannelDataMessage,
  encodeLifetime,
  encodeXorRelayedAddress,
  isChannelData,
  type PeerData,
  TurnAttributeType,
  TurnClient,
  type TurnClientEvent,
  TurnErrorCode,
} from '@crowfly/turn'
import { quickCrypto, repairMessage } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const PATH = 1
const MAX_GRANTS = 3
const MAX_DRAINED = 64
const USER = { username: 'u', password: 'p' }
const REALM = 'r'
const KEY = deriveLongTermKey({ ...USER, realm: REALM }, PasswordAlgorithmNumber.MD5, quickCrypto)
const CODES = [300, 400, 401, 420, 438, 500, 508, ...Object.values(TurnErrorCode)]
const OPERATIONS = ['success', 'error', 'indication', 'bytes', 'wait', 'ask', 'send', 'give up'] as const
const WAITS = [0, 1, 499, 500, 5000, 39_500, 240_000, 540_000, 600_000]
const PEERS = [1, 2, 3, 4].map((last) => ({
  family: 4 as const,
  address: Uint8Array.of(192, 0, 2, last >> 1),
  port: 5000 + last,
}))
const NONE = new Uint8Array(0)
const scratch = new Uint8Array(1024)

/** A client under a script: answers, payloads, time and commands. */
class Run {
  readonly client: TurnClient
  readonly kinds = new Set<string>()
  #end: string | undefined
  #now: Millis = 0
  /** The latest requests, the last first. */
  readonly #requests: StunMessage[] = []
  readonly #out: Datagram = { bytes: NONE, start: 0, end: 0, path: -1 }
  readonly #data: PeerData = { bytes: NONE, start: 0, end: 0, peer: PEERS[0] ?? never() }
  readonly #channelData = new ChannelDataMessage()
  #payloads = 0
  #hasAllocation = false

  constructor(flags: number) {
    this.client = new TurnClient({
      ...USER,
      path: PATH,
      isReliable: (flags & 1) !== 0,
      dontFragment: (flags & 2) !== 0,
      relay: (flags & 4) === 0 ? { type: 'single', family: 4 } : { type: 'dual' },
      random: new SeededRandom(1),
      crypto: quickCrypto,
      maxGrants: MAX_GRANTS,
      maxPayloadBytes: 64,
    })
    this.client.start(0)
    this.drain(NONE)
  }

  /** What was new in it last, and how it ended. */
  get outcome(): string {
    return `${[...this.kinds].slice(-2).join(', ')}; ${this.#end ?? 'alive'}`
  }

  /** One step: an operation, a parameter, and as many bytes as it wants. */
  step(op: number, parameter: number, bytes: Uint8Array): void {
    const kind = OPERATIONS[op % OPERATIONS.length]
    if (kind === 'success') this.#respond('successResponse', parameter, bytes)
    else if (kind === 'error') this.#respond('errorResponse', parameter, bytes)
    else if (kind === 'indication') this.#deliver(indication(bytes))
    else if (kind === 'bytes') this.#deliver(bytes)
    else if (kind === 'send') this.#send(parameter, bytes)
    else if (kind === 'wait') {
      this.#now += WAITS[parameter % WAITS.length] ?? 0
      this.client.handleTimeout(this.#now)
    } else this.#command(kind === 'ask', parameter)
    this.drain(NONE)
  }

  /** Polls everything, and checks it. */
  drain(input: Uint8Array): void {
    const { client } = this
    if (client.pollData(this.#data)) this.#checkData(input)
    for (let polls = 0; ; polls++) {
      invariant(polls < MAX_DRAINED, 'a drain does not end')
      if (client.pollTransmit(this.#out)) this.#checkSent()
      else {
        const event = client.pollEvent()
        if (event === undefined) break
        this.#note(event)
      }
    }
    const deadline = client.pollTimeout()
    invariant(deadline > this.#now, 'the deadline is not ahead')
    invariant(
      (deadline === Infinity) === (this.#end !== undefined),
      'a deadline after the end, or none before',
    )
  }

  #note(event: TurnClientEvent): void {
    invariant(this.#end === undefined, `an event after the end: ${event.type}`)
    this.kinds.add(event.type)
    if (event.type === 'allocated') {
      invariant(!this.#hasAllocation, 'allocated twice')
      invariant(event.relayed.length > 0 && event.relayed.length <= 2, 'no relayed address, or too many')
      this.#hasAllocation = true
    } else if (event.type === 'ended') this.#end = event.reason
    else invariant(this.#hasAllocation, `${event.type} without an allocation`)
  }

  /** Whatever it sends is a request, a Send indication or ChannelData, and payloads only when it was asked to. */
  #checkSent(): void {
    const { bytes, start, end, path } = this.#out
    invariant(path === PATH && start >= 0 && start < end && end <= bytes.length, 'no run of bytes')
    if (isChannelData(bytes, start, end)) {
      invariant(this.#channelData.decode(bytes, start, end) === undefined, 'sends ChannelData that is none')
      this.#payloads--
    } else {
      const message = new StunMessage()
      invariant(message.decode(bytes.slice(start, end)) === undefined, 'sends what is no message')
      if (message.messageClass === 'request') {
        this.#requests.unshift(message)
        this.#requests.length = Math.min(this.#requests.length, 4)
        return
      }
      invariant(message.messageClass === 'indication' && message.method === 6, 'sends something else')
      invariant(message.has(TurnAttributeType.XOR_PEER_ADDRESS), 'a Send indication to nobody')
      this.#payloads--
    }
    invariant(this.#hasAllocation && this.#payloads >= 0, 'sends a payload that nobody gave')
  }

  #checkData(input: Uint8Array): void {
    const { bytes, start, end, peer } = this.#data
    invariant(bytes === input && start >= 0 && start <= end && end <= input.length, 'data from elsewhere')
    invariant(this.#hasAllocation, 'data without an allocation')
    const isKnown = PEERS.some(({ address }) => address.every((byte, i) => byte === peer.address[i]))
    invariant(isKnown, 'data from a stranger')
    this.kinds.add('data')
  }

  #deliver(bytes: Uint8Array): void {
    this.client.handleDatagram({ bytes, start: 0, end: bytes.length, path: PATH }, this.#now)
    this.drain(bytes)
  }

  /** Answers one of the latest requests: plainly, or with attributes of the input's. */
  #respond(kind: 'successResponse' | 'errorResponse', parameter: number, bytes: Uint8Array): void {
    const request = this.#requests[(parameter >> 6) % Math.max(1, this.#requests.length)]
    if (request === undefined) return
    const writer = new StunMessageWriter(scratch)
    writer.writeResponseHeader(request, kind)
    const code = CODES[parameter % CODES.length] ?? 400
    if (kind === 'errorResponse') encodeErrorCode(writer, code)
    if (kind === 'errorResponse' && (code === 401 || code === 438)) {
      encodeRealm(writer, REALM)
      encodeNonce(writer, `n${parameter}`)
    }
    if (bytes.length > 0) writer.writeAttributes(wellFormed(bytes))
    else if (kind === 'successResponse') {
      encodeXorRelayedAddress(writer, PEERS[3] ?? never())
      encodeXorMappedAddress(writer, PEERS[0] ?? never())
      encodeLifetime(writer, 600)
    }
    if ((parameter & 0x20) === 0) sign(writer)
    this.#deliver(writer.message.slice())
  }

  #command(isAsking: boolean, parameter: number): void {
    const { client } = this
    const peer = PEERS[parameter & 3] ?? never()
    if (isAsking && (parameter & 8) === 0) client.permit(peer, this.#now)
    else if (isAsking) client.bindChannel(peer, this.#now)
    else if ((parameter & 0x0c) !== 0) client.forget(peer, this.#now)
    else if (parameter === 0) client.handlePathFailure(this.#now)
    else client.release(this.#now)
  }

  #send(parameter: number, bytes: Uint8Array): void {
    const peer = PEERS[parameter & 3] ?? never()
    const verdict = this.client.send(peer, bytes)
    if (verdict === 'sent') {
      this.#payloads = 1
      this.kinds.add(verdict)
    }
    const isTooLong = bytes.length > 64
    invariant(verdict !== 'notDrained', 'not drained, though it was')
    invariant(isTooLong ? verdict !== 'sent' : verdict !== 'tooLong', 'too long, or not?')
    this.drain(NONE)
    invariant(this.#payloads === 0, 'a payload was not sent')
  }
}

function sign(writer: StunMessageWriter): void {
  if (KEY === undefined) return
  try {
    encodeMessageIntegrity(writer, KEY, quickCrypto)
  } catch {
    // Its attributes have an integrity or a fingerprint of their own already.
  }
}

/** Attributes whose lengths fit, of bytes that are none. */
function wellFormed(bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(20 + (bytes.length & ~3))
  message.set(bytes.subarray(0, bytes.length & ~3), 20)
  repairMessage(message)
  return message.subarray(20)
}

function indication(bytes: Uint8Array): Uint8Array {
  const writer = new StunMessageWriter(scratch)
  writer.writeHeader(0x007, 'indication', new Uint8Array(12))
  writer.writeAttributes(wellFormed(bytes))
  return writer.message.slice()
}

function never(): never {
  throw new RangeError('no such peer')
}

/** The TURN client under a script of answers, indications, ChannelData, time and commands. */
export const target: FuzzTarget = {
  run(input) {
    const run = new Run(input[0] ?? 0)
    for (let at = 1; at + 3 <= input.length; ) {
      const [op = 0, parameter = 0, length = 0] = input.subarray(at, at + 3)
      const end = Math.min(input.length, at + 3 + (length & 0x7f))
      run.step(op, parameter, input.slice(at + 3, end))
      at = end
    }
    return run.outcome
  },
  dictionary: [
    // Challenge, success, permission, channel, time, send, ChannelData, a Data indication.
    Uint8Array.of(1, 2, 0),
    Uint8Array.of(0, 0, 0),
    Uint8Array.of(5, 0, 0),
    Uint8Array.of(5, 8, 0),
    Uint8Array.of(4, 6, 0),
    Uint8Array.of(4, 7, 0),
    Uint8Array.of(6, 0, 2, 1, 2),
    Uint8Array.of(3, 0, 6, 0x40, 0, 0, 2, 1, 2),
    Uint8Array.of(7, 2, 0),
    Uint8Array.of(
      2,
      0,
      20,
      0,
      0x12,
      0,
      8,
      0,
      1,
      0x32,
      0x9b,
      0xe1,
      0x12,
      0xa6,
      0x42,
      0,
      0x13,
      0,
      1,
      9,
      0,
      0,
      0,
    ),
  ],
  seeds: [
    Uint8Array.of(0, 1, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 6, 0, 2, 1, 2, 4, 6, 0, 0, 0, 0, 4, 7, 0, 0, 0, 0),
    Uint8Array.of(
      1,
      1,
      2,
      0,
      0,
      0,
      0,
      5,
      8,
      0,
      0,
      0,
      0,
      3,
      0,
      6,
      0x40,
      0,
      0,
      2,
      1,
      2,
      6,
      0,
      1,
      9,
      7,
      2,
      0,
      0,
      0,
      0,
    ),
  ],
  maxBytes: 256,
}
