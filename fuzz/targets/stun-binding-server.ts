import { type Datagram, PathTable, type TransportAddress } from '@crowfly/sansio'
import {
  AttributeType,
  BindingServer,
  checkFingerprint,
  decodeErrorCode,
  decodeReflexiveAddress,
  decodeUnknownAttributes,
  StunMessage,
} from '@crowfly/stun'
import { repairMessage, wholeWords } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const BINDING_REQUEST = 0x0001

const local4: TransportAddress = { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 3478 }
const remote4: TransportAddress = { family: 4, address: Uint8Array.of(198, 51, 100, 7), port: 50000 }
const local6: TransportAddress = { family: 6, address: new Uint8Array(16).fill(1), port: 3478 }
const remote6: TransportAddress = { family: 6, address: new Uint8Array(16).fill(2), port: 50001 }

const paths = new PathTable({ capacity: 2 })
const path4 = paths.intern('udp', local4, remote4)
const path6 = paths.open('tcp', local6, remote6)
const server = new BindingServer({ paths })
const request = new StunMessage()
const reply = new StunMessage()
const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }

/** A reply belongs to its request: transaction id, path, fingerprint, and not much longer. */
function checkReply(input: Uint8Array, path: number): string {
  invariant(out.path === path, 'the reply goes elsewhere')
  invariant(reply.decodeWithClassic(out.bytes, out.start, out.end) === undefined, 'the reply is no message')
  invariant(request.type === BINDING_REQUEST && reply.method === 0x001, 'a reply to something else')
  for (let i = 4; i < 20; i++) invariant(reply.bytes[reply.start + i] === input[i], 'another transaction')
  const fingerprint = checkFingerprint(request)
  invariant(fingerprint !== 'wrong' && checkFingerprint(reply) === fingerprint, 'fingerprint')
  invariant(out.end - out.start <= input.length + 32, 'the reply is much longer than the request')
  if (reply.messageClass === 'errorResponse') {
    const unknown = decodeUnknownAttributes(reply) ?? []
    invariant(decodeErrorCode(reply)?.code === 420 && unknown.length > 0, 'an error without a reason')
    invariant(
      unknown.every((type) => request.has(type)),
      'refused for what is not there',
    )
    return 'refused'
  }
  const address = decodeReflexiveAddress(reply)
  const remote = path === path4 ? remote4 : remote6
  invariant(
    address?.port === remote.port && address.address.join() === remote.address.join(),
    'another address',
  )
  invariant(reply.has(AttributeType.MAPPED_ADDRESS) === request.isClassic, 'the other kind of address')
  return 'answered'
}

/** The binding server: a sound reply to each Binding request, silence to everything else. */
export const target: FuzzTarget = {
  run(bytes) {
    const input = wholeWords(bytes)
    const path = ((input[input.length - 1] ?? 0) & 1) === 0 ? path4 : path6
    server.handleDatagram({ bytes: input, start: 0, end: input.length, path }, 0)
    const fault = request.decodeWithClassic(input)
    const isAnswered = server.pollTransmit(out)
    invariant(server.pollTimeout() === Infinity && server.pollEvent() === undefined, 'it wants something')
    if (!isAnswered) {
      const isExpected = fault === undefined && request.type === BINDING_REQUEST
      invariant(!isExpected || checkFingerprint(request) === 'wrong', 'a request without a reply')
      return fault ?? (isExpected ? 'wrong fingerprint' : request.messageClass)
    }
    invariant(fault === undefined, 'a reply to no message')
    const result = checkReply(input, path)
    invariant(!server.pollTransmit(out), 'two replies')
    return `${result} ${request.isClassic ? 'classic' : 'current'} ${checkFingerprint(request)}`
  },
  repair(input) {
    repairMessage(input)
    // Now and then it is a message of RFC 3489.
    if (input.length >= 20 && (input[8] ?? 0) < 32) input[4] = 0
  },
  dictionary: [
    Uint8Array.of(0x00, 0x01),
    Uint8Array.of(0x00, 0x24, 0x00, 0x04, 0, 0, 0, 1),
    Uint8Array.of(0x00, 0x03, 0x00, 0x00),
    Uint8Array.of(0x80, 0x28, 0x00, 0x04, 0, 0, 0, 0),
  ],
  maxBytes: 256,
}
