import {
  encodeErrorCode,
  encodeMessageIntegrity,
  encodeNonce,
  encodeRealm,
  encodeXorMappedAddress,
  type StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { describeMachine, type SeededRandom, testCrypto } from '@crowfly/testkit'
import { encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import { encodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { encodeIndicationInPlace } from '../proto/indication.ts'
import {
  addressOf,
  REALM,
  REFLEXIVE,
  RELAYED,
  ScriptedTurnServer,
  USER,
} from '../testing/scripted-turn-server.ts'
import { ShowingData } from '../testing/showing-data.ts'
import { TurnClient } from './turn-client.ts'

const PATH = 5
const PEERS = ['192.0.2.7 6000', '192.0.2.7 6001', '198.51.100.9 1', '2001:db8::7 6000'].map(addressOf)
const CODES = [300, 400, 401, 403, 420, 437, 438, 486, 500, 508]

/** A likely answer to a request of the client's. */
function answer(request: StunMessage, random: SeededRandom, server: ScriptedTurnServer): Uint8Array {
  const isSuccess = random.chance(0.7)
  if (random.chance(0.8)) {
    server.nonce = random.chance(0.9) ? 'nonce-1' : 'nonce-2'
    server.answers.clear()
    if (!isSuccess) server.answers.set(request.method, { code: random.pick(CODES) })
    const { bytes, start, end } = request
    return server.handle({ bytes, start, end, path: PATH }) ?? new Uint8Array(0)
  }
  const writer = new StunMessageWriter(new Uint8Array(512))
  writer.writeResponseHeader(request, isSuccess ? 'successResponse' : 'errorResponse')
  if (random.chance(0.5)) encodeXorRelayedAddress(writer, random.pick([RELAYED, ...PEERS]))
  if (random.chance(0.5)) encodeXorMappedAddress(writer, REFLEXIVE)
  if (random.chance(0.7)) encodeLifetime(writer, random.pick([0, 1, 600, 0xffffffff]))
  if (!isSuccess) encodeErrorCode(writer, random.pick(CODES))
  if (random.chance(0.5)) encodeRealm(writer, REALM)
  if (random.chance(0.5)) encodeNonce(writer, random.pick(['nonce-1', 'obMatJos2gAAAx', '']))
  const key = server.keyOf(request)
  if (key !== undefined) encodeMessageIntegrity(writer, key, testCrypto)
  return writer.message
}

function payload(random: SeededRandom): Uint8Array {
  const bytes = new Uint8Array(128)
  const run = { bytes, start: 64, end: 64 + random.integer(40) }
  bytes.set(random.bytes(run.end - 64), 64)
  if (random.chance(0.5)) encodeIndicationInPlace(run, 'data', random.pick(PEERS), random.bytes(12))
  else {
    run.start = 60
    bytes.set([0x40, random.integer(3), 0, run.end - 64], 60)
  }
  return bytes.slice(run.start, run.end)
}

function icmp(random: SeededRandom): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(64))
  writer.writeHeader(0x007, 'indication', random.bytes(12))
  encodeXorPeerAddress(writer, random.pick(PEERS))
  writer.writeAttribute(0x8004, random.bytes(8))
  return writer.message
}

for (const isReliable of [false, true]) {
  describeMachine(`TurnClient over ${isReliable ? 'TCP' : 'UDP'}`, (random) => {
    const client = new TurnClient({
      ...USER,
      path: PATH,
      isReliable,
      random,
      crypto: testCrypto,
      dontFragment: random.chance(0.3),
      maxGrants: 3,
      maxPayloadBytes: 64,
    })
    const machine = new ShowingData(client)
    const server = new ScriptedTurnServer()
    client.start(1000.25)
    return {
      machine,
      paths: [PATH],
      message: (random) => {
        const request = machine.requests.length > 0 ? random.pick(machine.requests) : undefined
        if (request !== undefined && random.chance(0.8)) return answer(request, random, server)
        return random.chance(0.8) ? payload(random) : icmp(random)
      },
      commands: [
        (random, now) => client.permit(random.pick(PEERS), now),
        (random, now) => client.bindChannel(random.pick(PEERS), now),
        (random) => client.send(random.pick(PEERS), random.bytes(random.integer(80))),
        (random) => client.send(random.pick(PEERS), random.bytes(random.integer(80))),
        (random, now) => (random.chance(0.1) ? client.forget(random.pick(PEERS), now) : undefined),
        (random, now) => (random.chance(0.02) ? client.release(now) : undefined),
      ],
      close: (now) => client.handlePathFailure(now),
    }
  })
}
