import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createSecureContext, type TLSSocket } from 'node:tls'
import { TurnMethod } from '@crowfly/turn'
import type { Arena } from '../arena.ts'
import { type Attack, NotApplicable } from '../attack.ts'
import { buildChannelData, buildMessage, RESPONSE_FIRST_BYTE, writeUdp } from '../client/messages.ts'
import { comesTrue } from '../pause.ts'

const HANDSHAKE_MS = 3000

/** Of a thousand at a time: this machine is the other side of each. */
const CROWDED_HANDSHAKE_MS = 20_000

/** One for all, without the roots, which take long to load. */
const secureContext = createSecureContext({ ca: [] })

/** A TLS connection whose certificate nobody looks at; undefined when there is no TLS at this port. */
async function openTls(
  arena: Arena,
  protocols?: string[],
  withinMs = HANDSHAKE_MS,
): Promise<TLSSocket | undefined> {
  const { host, port } = arena.target
  const socket = connect({
    host,
    port,
    rejectUnauthorized: false,
    secureContext,
    ...(protocols === undefined ? {} : { ALPNProtocols: protocols }),
  })
  socket.on('error', () => {})
  const late = AbortSignal.timeout(withinMs)
  try {
    await Promise.race([
      once(socket, 'secureConnect', { signal: late }),
      once(socket, 'close', { signal: late }).then(() => Promise.reject(new Error('closed'))),
    ])
    return socket
  } catch {
    socket.destroy()
    return undefined
  }
}

/** What comes back within a moment, and whether the connection is then at its end. */
async function say(socket: TLSSocket, bytes: Uint8Array): Promise<{ first: number; isCut: boolean }> {
  let first = -1
  let isCut = false
  socket.on('data', (chunk: Buffer) => {
    if (first < 0) first = chunk[0] ?? -1
  })
  socket.on('close', () => {
    isCut = true
  })
  socket.on('end', () => {
    isCut = true
  })
  socket.write(bytes)
  await comesTrue(() => first >= 0 || isCut, 1000)
  socket.destroy()
  return { first, isCut }
}

const within: Attack = {
  name: 'wrong beginnings within TLS',
  async run(arena, evidence) {
    const question = buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)
    const control = await openTls(arena)
    if (control === undefined) throw new NotApplicable('no TLS at this port')
    evidence.must(
      (await say(control, question)).first === RESPONSE_FIRST_BYTE,
      'TURN over TLS is not answered',
    )
    const endless = buildMessage(TurnMethod.ALLOCATE, 'request', () => {})
    new DataView(endless.buffer).setUint16(2, 0xfffc)
    const wrong: [string, Uint8Array][] = [
      ['ChannelData', buildChannelData(0x4000, new Uint8Array(60))],
      ['random bytes', randomBytes(4000)],
      ['a message of endless length', Buffer.concat([endless, new Uint8Array(70_000)])],
    ]
    for (const [what, bytes] of wrong) {
      const socket = await openTls(arena)
      const { first, isCut } = socket === undefined ? { first: -1, isCut: true } : await say(socket, bytes)
      // HTTP may say that it does not understand.
      evidence.must(first !== RESPONSE_FIRST_BYTE, `${what}: answered as STUN`)
      evidence.must(isCut || first >= 0, `${what}: neither refused nor cut off`)
    }
  },
}

const handshakes: Attack = {
  name: 'TLS handshakes by the hundred, with every protocol offered',
  async run(arena, evidence) {
    const question = buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)
    if ((await openTls(arena))?.destroy() === undefined) throw new NotApplicable('no TLS at this port')
    for (const protocols of [
      ['stun.turn'],
      ['stun.nat-discovery'],
      ['h2'],
      ['something-else'],
      ['http/1.1'],
    ]) {
      const socket = await openTls(arena, protocols)
      const answer = socket === undefined ? undefined : await say(socket, question)
      evidence.must(answer?.first === RESPONSE_FIRST_BYTE, `ALPN ${protocols}: not answered`)
    }
    const count = arena.isShort ? 50 : 1000
    const openOne = () => openTls(arena, undefined, CROWDED_HANDSHAKE_MS)
    const open = await Promise.all(Array.from({ length: count }, openOne))
    evidence.note(`${open.filter((socket) => socket !== undefined).length} of ${count} at once`)
    for (const socket of open) socket?.destroy()
    const after = await openTls(arena)
    evidence.must(after !== undefined, 'no handshake afterwards')
    after?.destroy()
  },
}

export const tls: readonly Attack[] = [within, handshakes]
