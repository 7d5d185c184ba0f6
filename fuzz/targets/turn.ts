import { StunMessage } from '@crowfly/stun'
import {
  ChannelDataMessage,
  decodeAdditionalAddressFamily,
  decodeAddressErrorCode,
  decodeChannelNumber,
  decodeData,
  decodeEvenPort,
  decodeIcmp,
  decodeLifetime,
  decodeRequestedAddressFamily,
  decodeRequestedTransport,
  decodeReservationToken,
  decodeXorPeerAddress,
  decodeXorRelayedAddress,
  encodeAdditionalAddressFamily,
  encodeAddressErrorCode,
  encodeChannelDataInPlace,
  encodeChannelNumber,
  encodeData,
  encodeDontFragment,
  encodeEvenPort,
  encodeIcmp,
  encodeIndicationInPlace,
  encodeLifetime,
  encodeRequestedAddressFamily,
  encodeRequestedTransport,
  encodeReservationToken,
  encodeXorPeerAddress,
  encodeXorRelayedAddress,
  hasDontFragment,
  isChannelData,
  isKnownTurnAttribute,
  TurnAttributeType,
  TurnError,
} from '@crowfly/turn'
import { checkReadings, type Readings, reading } from '../attribute-readings.ts'
import { repairMessage } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const MAX_BYTES = 512
const HEADROOM = 48

const message = new StunMessage()
const again = new StunMessage()
const channelData = new ChannelDataMessage()
const before = new Uint8Array(MAX_BYTES)
const scratch = new Uint8Array(4 * MAX_BYTES)

function supported<Value>(value: Value | 'unsupported'): Value | undefined {
  return value === 'unsupported' ? undefined : value
}

function copyOfData(from: StunMessage): Uint8Array | undefined {
  const run = decodeData(from)
  return run && from.bytes.slice(run.start, run.end)
}

const readings: Readings = new Map([
  ['channel number', reading(decodeChannelNumber, encodeChannelNumber)],
  ['lifetime', reading(decodeLifetime, encodeLifetime)],
  ['peer address', reading((from) => decodeXorPeerAddress(from), encodeXorPeerAddress)],
  ['relayed address', reading((from) => decodeXorRelayedAddress(from), encodeXorRelayedAddress)],
  ['data', reading(copyOfData, encodeData)],
  [
    'requested family',
    reading((from) => supported(decodeRequestedAddressFamily(from)), encodeRequestedAddressFamily),
  ],
  [
    'additional family',
    reading((from) => supported(decodeAdditionalAddressFamily(from)), encodeAdditionalAddressFamily),
  ],
  ['even port', reading(decodeEvenPort, encodeEvenPort)],
  ['requested transport', reading(decodeRequestedTransport, encodeRequestedTransport)],
  ['reservation token', reading(decodeReservationToken, encodeReservationToken)],
  ['address error', reading(decodeAddressErrorCode, encodeAddressErrorCode)],
  ['icmp', reading(decodeIcmp, encodeIcmp)],
  ['do not fragment', reading((from) => hasDontFragment(from) || undefined, encodeDontFragment)],
])

/** Whether a phrase was longer than may be sent. */
function isTooLong(error: unknown, meaning: string): boolean {
  return error instanceof TurnError && error.code === 'TURN_ATTRIBUTE_VALUE' && meaning.includes('"reason"')
}

/** Each peer of several is there, and DATA lies inside the message. */
function checkPlaces(): number {
  let peers = 0
  let at = message.find(TurnAttributeType.XOR_PEER_ADDRESS)
  for (; at !== -1; at = message.findNext(at)) if (decodeXorPeerAddress(message, at) !== undefined) peers++
  const run = decodeData(message)
  if (run !== undefined) {
    invariant(run.start >= message.start + 24 && run.end <= message.end, 'DATA lies outside')
    invariant(run.start <= run.end, 'DATA ends before it begins')
  }
  return peers
}

/** What was relayed in an indication can be wrapped in place, and is the same inside. */
function checkIndication(): void {
  const peer = decodeXorPeerAddress(message)
  const data = copyOfData(message)
  if (peer === undefined || data === undefined) return
  scratch.fill(0xff, HEADROOM, HEADROOM + data.length + 4)
  scratch.set(data, HEADROOM)
  const run = { bytes: scratch, start: HEADROOM, end: HEADROOM + data.length }
  invariant(encodeIndicationInPlace(run, 'data', peer, message.transactionId), 'no room for an indication')
  invariant(again.decode(run.bytes, run.start, run.end) === undefined, 'an indication that is no message')
  invariant(JSON.stringify(decodeXorPeerAddress(again)) === JSON.stringify(peer), 'another peer')
  invariant(JSON.stringify(copyOfData(again)) === JSON.stringify(data), 'another payload')
}

/** ChannelData is what its first byte says, lies inside, and can be written again. */
function runChannelData(input: Uint8Array): string {
  const fault = channelData.decode(input)
  if (fault !== undefined) {
    invariant(channelData.channel === 0 && channelData.bytes.length === 0, 'a fault, and a message')
    invariant((fault === 'tooShort') === input.length < 4, 'too short, or not?')
    return fault
  }
  const { channel, dataStart, dataEnd } = channelData
  invariant(channel >= 0x4000 && channel <= 0x7fff, 'no channel number')
  invariant(dataStart === 4 && dataEnd >= dataStart && dataEnd <= input.length, 'its data lies outside')
  const length = dataEnd - dataStart
  for (const isStream of [false, true]) {
    scratch.fill(0xff, 0, length + 8)
    scratch.set(input.subarray(dataStart, dataEnd), HEADROOM)
    const run = { bytes: scratch, start: HEADROOM, end: HEADROOM + length }
    invariant(encodeChannelDataInPlace(run, channel, isStream), 'no room for ChannelData')
    for (let i = 0; i < dataEnd; i++) invariant(scratch[run.start + i] === input[i], 'another ChannelData')
    invariant(!isStream || (run.end - run.start) % 4 === 0, 'not padded')
    for (let i = run.start + dataEnd; i < run.end; i++) invariant(scratch[i] === 0, 'padded with something')
  }
  return `channel data ${length === 0 ? 'empty' : input.length - dataEnd > 3 ? 'and more' : 'whole'}`
}

/** The codec: what decodes is sound, is not changed, and encodes to the same meaning. */
export const target: FuzzTarget = {
  run(input) {
    before.set(input)
    const unchanged = () => input.every((byte, i) => byte === before[i])
    if (isChannelData(input, 0, input.length)) {
      const outcome = runChannelData(input)
      invariant(unchanged(), 'the input was changed')
      return outcome
    }
    invariant(channelData.decode(input) !== undefined, 'ChannelData, and not')
    const fault = message.decode(input, 0, input.length & ~3)
    if (fault !== undefined) {
      for (const [name, read] of readings) invariant(read(message) === undefined, `a fault, and ${name}`)
      return fault
    }
    const first = checkReadings(message, readings, isKnownTurnAttribute, isTooLong)
    const peers = checkPlaces()
    checkIndication()
    invariant(unchanged(), 'the input was changed')
    return `${message.messageClass} ${first} ${Math.min(peers, 3)}`
  },
  repair(input) {
    if (isChannelData(input, 0, input.length) && input.length >= 4) {
      const length = Math.min(((input[2] ?? 0) << 8) | (input[3] ?? 0), input.length - 4)
      input[2] = length >>> 8
      input[3] = length
    } else repairMessage(input)
  },
  dictionary: [
    ...Object.values(TurnAttributeType).map((type) => Uint8Array.of(type >>> 8, type & 0xff)),
    ...Object.values(TurnAttributeType).map((type) =>
      Uint8Array.of(type >>> 8, type & 0xff, 0, 4, 0x40, 1, 0, 0),
    ),
    Uint8Array.of(0x00, 0x12, 0x00, 0x08, 0, 1, 0x21, 0x12, 3, 4, 5, 6),
    Uint8Array.of(0x00, 0x16, 0x00, 0x14, 0, 2, 0x21, 0x12, ...new Uint8Array(16)),
    Uint8Array.of(0x00, 0x18, 0x00, 0x01, 0x80, 0, 0, 0),
    Uint8Array.of(0x00, 0x22, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8),
    Uint8Array.of(0x80, 0x01, 0x00, 0x06, 2, 0, 4, 40, 0x6e, 0x6f, 0, 0),
    Uint8Array.of(0x80, 0x04, 0x00, 0x08, 0, 0, 6, 4, 0, 0, 5, 0x78),
    Uint8Array.of(0x40, 0x00, 0x00, 0x04),
  ],
  maxBytes: MAX_BYTES,
}
