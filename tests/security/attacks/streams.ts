import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { TurnMethod } from '@crowfly/turn'
import type { Arena } from '../arena.ts'
import { type Attack, NotApplicable } from '../attack.ts'
import { buildChannelData, buildMessage, RESPONSE_FIRST_BYTE, writeUdp } from '../client/messages.ts'
import type { TurnClient } from '../client/turn-client.ts'
import { comesTrue, pause } from '../pause.ts'

const ENDLESS_BYTES = 4 * 2 ** 20

/** How long a connection that begins wrong may stand, and one that has been refused too often. */
const REFUSAL_MS = 9000

/** The same for one that may still be finishing its handshake: it has ten seconds for that. */
const PATIENT_REFUSAL_MS = 15_000

/** A TCP connection that counts what is taken from it and what comes, and knows when it was cut. */
class RawStream {
  readonly socket: Socket
  isCut = false
  received = 0
  /** The first that came. */
  beginning: Uint8Array = new Uint8Array(0)

  constructor(arena: Arena) {
    const { host, port } = arena.target
    const source = arena.source()
    this.socket = connect({ host, port, ...(source === undefined ? {} : { localAddress: source }) })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.isCut = true
    })
    this.socket.on('end', () => {
      this.isCut = true
    })
    this.socket.on('data', (chunk) => {
      if (this.received === 0) this.beginning = chunk
      this.received += chunk.length
    })
  }

  /** Bytes that the kernel has taken from us: what the server reads and some buffers more. */
  get taken(): number {
    return this.socket.bytesWritten - this.socket.writableLength
  }

  /** Writes unless it is cut. */
  write(bytes: Uint8Array): void {
    if (!this.isCut) this.socket.write(bytes)
  }

  /** Writes until it is cut, or this much has been taken, or nothing more is. */
  async pour(bytes: Uint8Array, most: number): Promise<void> {
    for (let sent = 0; sent < most && !this.isCut; sent += bytes.length) {
      if (!this.socket.write(bytes)) {
        await Promise.race([new Promise((r) => this.socket.once('drain', r)), pause(300)])
        if (this.socket.writableLength > bytes.length * 4) break
      }
    }
  }

  /** Whether the answer is one that a STUN message gets. */
  get isAnsweredAsStun(): boolean {
    return this.beginning[0] === RESPONSE_FIRST_BYTE
  }

  /** Whether it was cut, or HTTP says that it does not understand. */
  get isRefused(): boolean {
    return this.isCut || Buffer.from(this.beginning).toString('latin1').startsWith('HTTP/')
  }

  isCutWithin(ms: number): Promise<boolean> {
    return comesTrue(() => this.isCut, ms)
  }

  end(): void {
    this.socket.destroy()
  }
}

/** Whether someone new can still have an allocation over TCP. */
async function isServing(arena: Arena): Promise<boolean> {
  const client = await arena.client({ transport: 'tcp' })
  return (await client.allocate()).outcome === 'success'
}

async function needTcp(arena: Arena): Promise<void> {
  if (!(await isServing(arena))) throw new NotApplicable('no TURN over TCP at this port')
}

const slow: Attack = {
  name: 'TCP connections that say nothing, or a byte at a time',
  async run(arena, evidence) {
    await needTcp(arena)
    const count = arena.isShort ? 200 : 2000
    const header = buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)
    const silent = Array.from({ length: count }, () => new RawStream(arena))
    const dripping = Array.from({ length: count }, () => new RawStream(arena))
    for (let at = 0; at < 10; at++) {
      for (const stream of dripping) stream.write(header.slice(at, at + 1))
      await pause(100)
    }
    evidence.must(await isServing(arena), `nobody else is served while ${count * 2} of them are open`)
    if (!arena.isShort) {
      const cut = () => [...silent, ...dripping].filter(({ isCut }) => isCut).length
      await comesTrue(() => cut() === count * 2, 90_000)
      evidence.must(cut() === count * 2, `only ${cut()} of ${count * 2} were cut off within 90 s`)
      evidence.note(`${cut()} of ${count * 2} cut off`)
    }
    for (const stream of [...silent, ...dripping]) stream.end()
  },
}

const endless: Attack = {
  name: 'TCP messages of endless length',
  async run(arena, evidence) {
    await needTcp(arena)
    const header = buildMessage(TurnMethod.ALLOCATE, 'request', () => {})
    new DataView(header.buffer).setUint16(2, 0xfffc)
    for (const [what, first] of [
      ['a message of 65,532 bytes again and again', header],
      ['a header, then nothing but zeros', buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)],
    ] as const) {
      const stream = new RawStream(arena)
      stream.write(first)
      const chunk = new Uint8Array(16_384)
      await stream.pour(chunk, ENDLESS_BYTES)
      const isCut = await stream.isCutWithin(1000)
      evidence.must(isCut, `${what}: not cut off after ${(stream.taken / 1024).toFixed(0)} KiB`)
      evidence.note(`${what}: ${(stream.taken / 1024).toFixed(0)} KiB taken`)
      stream.end()
    }
    evidence.must(await isServing(arena), 'nobody else is served afterwards')
  },
}

const HALF_HELLO = 'half a TLS hello'

const wrongBeginnings: Attack = {
  name: 'TCP that begins with ChannelData, garbage, half a TLS hello, an endless HTTP header',
  async run(arena, evidence) {
    await needTcp(arena)
    const text = (line: string) => new TextEncoder().encode(line)
    const halfHello = Uint8Array.of(0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3)
    const beginnings: [string, Uint8Array][] = [
      ['ChannelData', buildChannelData(0x4000, new Uint8Array(60))],
      ['ChannelData of 65,535 bytes', buildChannelData(0x4fff, new Uint8Array(1000), { claimed: 65_535 })],
      // By chance they would be TLS, which is waited for.
      ['random bytes', Buffer.concat([Uint8Array.of(0xff), randomBytes(2000)])],
      ['a STUN header without the cookie', new Uint8Array(40)],
      [HALF_HELLO, halfHello],
      ['a TLS record of garbage', Buffer.concat([Uint8Array.of(0x16, 3, 1, 0x10, 0), randomBytes(4096)])],
      ['an endless HTTP header', text(`GET / HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(20_000)}`)],
      ['an endless HTTP line', text(`GET /${'x'.repeat(200_000)}`)],
    ]
    const streams = beginnings.map(([what, bytes]) => {
      const stream = new RawStream(arena)
      stream.write(bytes)
      return { what, stream }
    })
    evidence.must(await isServing(arena), 'nobody else is served meanwhile')
    // Half a hello may have its other half under way: too long a wait for the short form.
    const judged = streams.filter(({ what }) => !arena.isShort || what !== HALF_HELLO)
    const isOver = () => judged.every(({ stream }) => stream.isRefused)
    await comesTrue(isOver, arena.isShort ? REFUSAL_MS : PATIENT_REFUSAL_MS)
    for (const { what, stream } of judged) {
      evidence.must(stream.isRefused, `${what}: neither cut off nor answered as HTTP`)
    }
    for (const { what, stream } of streams) {
      evidence.must(!stream.isAnsweredAsStun, `${what}: answered as STUN`)
    }
    const cut = streams.filter(({ stream }) => stream.isCut).map(({ what }) => what)
    evidence.note(`cut off: ${cut.join(', ') || 'none'}`)
    const loudest = Math.max(...streams.map(({ stream }) => stream.received))
    evidence.note(`at most ${loudest} bytes came back`)
    for (const { stream } of streams) stream.end()
  },
}

const deaf: Attack = {
  name: 'TCP that asks and never reads the answers',
  async run(arena, evidence) {
    await needTcp(arena)
    const question = buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)
    const block = Buffer.concat(Array.from({ length: 500 }, () => question))
    const streams = Array.from({ length: arena.isShort ? 8 : 64 }, () => new RawStream(arena))
    for (const { socket } of streams) socket.pause()
    await Promise.all(streams.map((stream) => stream.pour(block, ENDLESS_BYTES)))
    const taken = streams.reduce((sum, stream) => sum + stream.taken, 0)
    evidence.note(
      `${(taken / 2 ** 20).toFixed(1)} MiB of questions were taken from ${streams.length} of them`,
    )
    evidence.must(await isServing(arena), 'nobody else is served meanwhile')
    // Who does not read hears of the end only by speaking again.
    const isOver = () => {
      for (const stream of streams) stream.write(question)
      return streams.every(({ isCut }) => isCut)
    }
    await comesTrue(isOver, REFUSAL_MS)
    const open = streams.filter(({ isCut }) => !isCut).length
    evidence.must(open === 0, `${open} of ${streams.length} were not cut off`)
    for (const stream of streams) stream.end()
  },
}

const hurried: Attack = {
  name: 'TCP allocations that ask and send as fast as they can',
  async run(arena, evidence) {
    await needTcp(arena)
    const credentials = arena.target.flooder ?? arena.other
    const clients: TurnClient[] = []
    while (clients.length < 4) clients.push(await arena.allocation({ transport: 'tcp', credentials }))
    const { peer } = await arena.goodPeer(credentials)
    const pours = clients.map(async (client) => {
      const questions = Array.from({ length: 100 }, () => client.build(TurnMethod.REFRESH))
      await client.permit(peer)
      await client.bind(0x4000, peer)
      const data = Array.from({ length: 1000 }, () => buildChannelData(0x4000, new Uint8Array(16)))
      const block = Buffer.concat([...questions, ...data])
      for (let n = 0; n < (arena.isShort ? 40 : 2000); n++) {
        client.wire.send(block)
        await pause(10)
      }
    })
    await Promise.all(pours)
    evidence.must(await isServing(arena), 'nobody else is served meanwhile')
  },
}

const brokenPadding: Attack = {
  name: 'a TCP allocation whose ChannelData lies about its length',
  async run(arena, evidence) {
    await needTcp(arena)
    const client = await arena.allocation({ transport: 'tcp' })
    const { peer, has } = await arena.goodPeer()
    await client.permit(peer)
    await client.bind(0x4000, peer)
    const text = new TextEncoder().encode('longer than it is')
    client.wire.send(buildChannelData(0x4000, text, { claimed: 0xffff, isPadded: true }))
    await arena.settle()
    evidence.must(!has('longer than it is'), 'it was relayed')
    client.wire.send(new Uint8Array(0x10000))
    evidence.must(await isServing(arena), 'nobody else is served afterwards')
  },
}

export const streams: readonly Attack[] = [slow, endless, wrongBeginnings, deaf, hurried, brokenPadding]
