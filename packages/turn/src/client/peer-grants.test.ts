import { encodeUtf8 } from '@crowfly/bytes'
import type { Datagram } from '@crowfly/sansio'
import { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { decodeData } from '../proto/attributes/data.ts'
import { hasDontFragment } from '../proto/attributes/dont-fragment.ts'
import { encodeIcmp } from '../proto/attributes/icmp.ts'
import { decodeXorPeerAddress, encodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import { encodeIndicationInPlace } from '../proto/indication.ts'
import { TurnErrorCode } from '../proto/turn-error-code.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { ClientWorld, PEER } from '../testing/client-world.ts'
import { addressOf } from '../testing/scripted-turn-server.ts'

const { SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND } = TurnMethod
const OTHER_PORT = addressOf('192.0.2.7 6001')
const PEER6 = addressOf('2001:db8::7 6000')
const PAYLOAD = encodeUtf8('hello')

/** A Data indication as the server sends it. */
function dataIndication(peer = PEER, payload = PAYLOAD): Uint8Array {
  const bytes = new Uint8Array(128)
  bytes.set(payload, 64)
  const run = { bytes, start: 64, end: 64 + payload.length }
  encodeIndicationInPlace(run, 'data', peer, new Uint8Array(12))
  return bytes.slice(run.start, run.end)
}

function indication(write: (writer: StunMessageWriter) => void): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(128))
  writer.writeHeader(DATA, 'indication', new Uint8Array(12))
  write(writer)
  return writer.message
}

describe('a permission', () => {
  it('is granted, and renewed every four minutes', () => {
    const world = ClientWorld.allocated()
    world.takeMethods()
    expect(world.client.permit(PEER, world.now)).toBe(true)
    world.settle()
    expect(world.events).toEqual([{ type: 'permissionGranted', peer: PEER }])
    const [request] = world.server.requests
    expect(request && decodeXorPeerAddress(request)).toEqual(PEER)
    world.takeMethods()
    world.pass(480_000)
    expect(world.takeMethods()).toEqual([CREATE_PERMISSION, CREATE_PERMISSION])
    expect(world.events.length).toBe(1)
  })

  it('is for the address, whatever the port', () => {
    const world = ClientWorld.permitted()
    expect(world.client.permit(OTHER_PORT, world.now)).toBe(true)
    world.settle()
    expect(world.takeMethods()).toEqual([])
    expect(world.client.send(OTHER_PORT, PAYLOAD)).toBe('sent')
  })

  it.each([400, 403, 443, 486, 508])('refused with %i leaves the allocation alone', (code) => {
    const world = ClientWorld.allocated()
    world.server.answers.set(CREATE_PERMISSION, { code })
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'permissionRefused', peer: PEER, reason: 'refused', code }])
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
    world.server.answers.delete(CREATE_PERMISSION)
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events.at(-1)).toEqual({ type: 'permissionGranted', peer: PEER })
  })

  it('that is not renewed is lost, and that is told', () => {
    const world = ClientWorld.permitted()
    world.server.answers.set(CREATE_PERMISSION, 'silence')
    world.pass(279_500)
    expect(world.events).toEqual([{ type: 'permissionRefused', peer: PEER, reason: 'timedOut' }])
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
  })

  it.each([
    ['is late', 270_000],
    ['is over', 310_000],
  ])('whose renewal %s when it is granted at last is asked for again at once', (_when, ms) => {
    const world = ClientWorld.allocated()
    const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
    world.client.permit(PEER, world.now)
    expect(world.client.pollTransmit(out)).toBe(true)
    const response = world.server.handle(out) ?? new Uint8Array(0)
    world.takeMethods()
    world.isConnected = false
    world.now += ms
    world.deliver(response)
    expect(world.client.pollTimeout()).toBeGreaterThan(world.now)
    expect(world.client.send(PEER, PAYLOAD)).toBe(ms < 300_000 ? 'sent' : 'notPermitted')
    world.isConnected = true
    world.pass(1_000)
    expect(world.takeMethods()).toContain(CREATE_PERMISSION)
    expect(world.events).toEqual([{ type: 'permissionGranted', peer: PEER }])
  })

  it('refused with 437 is the end of everything', () => {
    const world = ClientWorld.allocated()
    world.server.answers.set(CREATE_PERMISSION, { code: TurnErrorCode.ALLOCATION_MISMATCH })
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'ended', code: 437 }])
  })

  it('is asked for again after a sleep that has outlasted it', () => {
    const world = ClientWorld.permitted()
    world.now += 400_000
    world.client.handleTimeout(world.now)
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
    world.settle()
    expect(world.takeMethods()).toEqual([CREATE_PERMISSION])
    expect(world.events).toEqual([])
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
  })

  it('that was forgotten is renewed no more', () => {
    const world = ClientWorld.permitted()
    world.client.forget(OTHER_PORT, world.now)
    world.pass(480_000)
    expect(world.takeMethods()).toEqual([])
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
  })

  it('is not asked for without an allocation, nor past the limit', () => {
    expect(new ClientWorld().client.permit(PEER, 0)).toBe(false)
    const world = ClientWorld.allocated({ maxGrants: 1 })
    expect(world.client.permit(PEER, world.now)).toBe(true)
    expect(world.client.permit(PEER6, world.now)).toBe(false)
    expect(world.client.bindChannel(PEER, world.now)).toBe(false)
    world.client.forget(PEER, world.now)
    expect(world.client.permit(PEER6, world.now)).toBe(true)
  })
})

// RFC 8489 §6.2: ten with the allocation's own.
describe('permissions and channels beyond nine at a time', () => {
  const peers = Array.from({ length: 20 }, (_, i) => addressOf(`192.0.2.${i + 1} 6000`))

  /** How many messages the client has to send now; they are lost. */
  function takeSent(world: ClientWorld): number {
    const out = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
    let sent = 0
    while (world.client.pollTransmit(out)) sent++
    return sent
  }

  it('are asked for when others have been answered', () => {
    const world = ClientWorld.allocated()
    for (const peer of peers) world.client.permit(peer, world.now)
    expect(takeSent(world)).toBe(9)
    expect(world.client.send(peers[0] ?? PEER, PAYLOAD)).toBe('notPermitted')
    expect(world.client.send(peers[19] ?? PEER, PAYLOAD)).toBe('notPermitted')
    world.pass(500)
    expect(world.events.filter(({ type }) => type === 'permissionGranted').length).toBe(20)
  })

  it('are asked for when others have been forgotten', () => {
    const world = ClientWorld.allocated()
    for (const peer of peers.slice(0, 10)) world.client.permit(peer, world.now)
    expect(takeSent(world)).toBe(9)
    for (const peer of peers.slice(0, 9)) world.client.forget(peer, world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'permissionGranted', peer: peers[9] }])
  })

  it('are renewed when others have been, and not counted on once they have expired', () => {
    const world = ClientWorld.allocated()
    for (const peer of peers) world.client.permit(peer, world.now)
    world.settle()
    world.events.length = 0
    world.pass(239_999)
    world.isConnected = false
    world.now += 1
    world.client.handleTimeout(world.now)
    expect(takeSent(world)).toBe(9)
    const [first = PEER, last = PEER] = [peers[0], peers[19]]
    world.pass(59_999)
    expect(world.events.length).toBe(9)
    expect([world.client.send(first, PAYLOAD), world.client.send(last, PAYLOAD)]).toEqual([
      'notPermitted',
      'sent',
    ])
    expect(takeSent(world)).toBeGreaterThan(0)
    world.pass(1)
    expect(peers.map((peer) => world.client.send(peer, PAYLOAD))).not.toContain('sent')
    world.isConnected = true
    world.pass(40_000)
    expect(world.events.length).toBe(9)
    expect(world.client.send(last, PAYLOAD)).toBe('sent')
  })
})

describe('a channel', () => {
  it('is bound, and renewed before its permission expires', () => {
    const world = ClientWorld.allocated()
    world.takeMethods()
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'channelBound', peer: PEER, channel: 0x4000 }])
    world.pass(240_000)
    expect(world.takeMethods()).toEqual([CHANNEL_BIND, CHANNEL_BIND])
  })

  it('has a number of its own, and the same one again', () => {
    const world = ClientWorld.bound()
    world.client.bindChannel(OTHER_PORT, world.now)
    world.client.forget(PEER, world.now)
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ channel: 0x4000, peer: PEER }])
    world.client.bindChannel(OTHER_PORT, world.now)
    world.settle()
    expect(world.events.at(-1)).toMatchObject({ channel: 0x4001, peer: OTHER_PORT })
  })

  it('carries the permission', () => {
    const world = ClientWorld.bound()
    expect(world.client.send(OTHER_PORT, PAYLOAD)).toBe('sent')
    world.settle()
    expect(world.server.payloads[0]?.[1]).toBe(0x16)
  })

  it.each([400, 403, 508])('refused with %i leaves the allocation alone', (code) => {
    const world = ClientWorld.allocated()
    world.server.answers.set(CHANNEL_BIND, { code })
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'channelRefused', peer: PEER, channel: 0x4000, code }])
  })
})

describe('payload to a peer', () => {
  it('goes in a Send indication', () => {
    const world = ClientWorld.permitted()
    expect(world.client.send(PEER, parseHex('ff0102ff'), 1, 3)).toBe('sent')
    world.settle()
    const message = new StunMessage()
    const [sent = new Uint8Array(0)] = world.server.payloads
    expect(message.decode(sent)).toBeUndefined()
    expect([message.method, message.messageClass]).toEqual([SEND, 'indication'])
    expect(decodeXorPeerAddress(message)).toEqual(PEER)
    const run = decodeData(message)
    expect(run && sent.slice(run.start, run.end)).toEqual(parseHex('0102'))
  })

  it('asks not to be fragmented if that was wanted', () => {
    const world = ClientWorld.allocated({ dontFragment: true })
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
    world.settle()
    const message = new StunMessage()
    expect(message.decode(world.server.payloads[0] ?? new Uint8Array(0))).toBeUndefined()
    expect(hasDontFragment(message)).toBe(true)
  })

  it.each([
    [false, '4000 0005 68656c6c6f'],
    [true, '4000 0005 68656c6c6f 000000'],
  ])('goes as ChannelData over a channel; reliable: %s', (isReliable, hex) => {
    const world = ClientWorld.bound({ isReliable })
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
    world.settle()
    expect(world.server.payloads).toEqual([parseHex(hex)])
  })

  it('is refused when it is too long, not permitted, or in the way of the one before', () => {
    const world = ClientWorld.allocated({ maxPayloadBytes: 5 })
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.client.send(PEER, new Uint8Array(6))).toBe('tooLong')
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
    expect(world.client.send(PEER, PAYLOAD)).toBe('notDrained')
    world.settle()
    expect(world.client.counters.sent).toBe(1)
  })
})

describe('payload from a peer', () => {
  it('comes in Data indications', () => {
    const world = ClientWorld.permitted()
    world.deliver(dataIndication(OTHER_PORT))
    expect(world.received).toEqual([{ peer: OTHER_PORT, payload: PAYLOAD }])
    expect(world.client.counters.received).toBe(1)
  })

  it('comes as ChannelData, padding apart', () => {
    const world = ClientWorld.bound()
    world.deliver(parseHex('4000 0003 010203 00'))
    expect(world.received).toEqual([{ peer: PEER, payload: parseHex('010203') }])
  })

  it('is lent where it lies, and only until the next input', () => {
    const world = ClientWorld.permitted()
    const bytes = dataIndication()
    const { client } = world
    const out = { bytes: new Uint8Array(0), start: 0, end: 0, peer: PEER }
    client.handleDatagram({ bytes, start: 0, end: bytes.length, path: 3 }, world.now)
    expect(client.pollData(out)).toBe(true)
    expect(out.bytes).toBe(bytes)
    expect(client.pollData(out)).toBe(false)
    client.handleDatagram({ bytes, start: 0, end: bytes.length, path: 3 }, world.now)
    client.handleTimeout(world.now)
    expect(client.pollData(out)).toBe(false)
  })

  // RFC 8656 §11.4, §12.6
  it('is not believed from strangers, by other paths, or when malformed', () => {
    const world = ClientWorld.permitted()
    world.deliver(dataIndication(PEER6))
    world.deliver(parseHex('4000 0003 010203 00'))
    world.deliver(indication((writer) => encodeXorPeerAddress(writer, PEER)))
    expect(world.client.counters.unexpected).toBe(3)
    world.deliver(parseHex('4000 0004 010203'))
    world.deliver(parseHex('ffffffff'))
    expect(world.client.counters.malformed).toBe(2)
    world.deliver(dataIndication(), 4)
    expect(world.received).toEqual([])
  })

  it('may be an ICMP error instead', () => {
    const world = ClientWorld.permitted()
    const icmp = { icmpType: 3, icmpCode: 4, errorData: 1400 }
    world.deliver(
      indication((writer) => {
        encodeXorPeerAddress(writer, PEER)
        encodeIcmp(writer, icmp)
      }),
    )
    expect(world.events).toEqual([{ type: 'icmpReceived', peer: PEER, icmp }])
  })
})
