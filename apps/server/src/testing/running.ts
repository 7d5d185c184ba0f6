import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { pino } from 'pino'
import { afterEach, vi } from 'vitest'
import type { Log } from '../log.ts'
import { type Flags, parseSettings } from '../settings.ts'
import { type RunningServer, type ServerSurroundings, startServer } from '../start-server.ts'

// What is awaited here comes from real sockets and processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 20_000 })

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Calls `end` after the test. */
export function afterThis(end: () => unknown): void {
  ends.push(end)
}

/** A folder that goes away after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crowfly-test-'))
  afterThis(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A small built app in a folder of its own. */
export async function builtApp(): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Crowfly</title>')
  await writeFile(
    join(folder, 'assets', 'app-1a2b3c.js'),
    `// ${'long enough to be worth compressing '.repeat(60)}`,
  )
  await writeFile(join(folder, 'ring.mp3'), 'abcdefghij')
  return folder
}

/** What `crowfly serve` has when nothing is typed, on a free port of the loopback addresses. */
export async function testFlags(changes: Partial<Flags> = {}): Promise<Flags> {
  return {
    port: '0',
    host: ['127.0.0.1', '::1'],
    state: join(await temporaryFolder(), 'state'),
    stunPort: 'off',
    logLevel: 'silent',
    ...changes,
  }
}

/** A server that is closed after the test. */
export async function start(
  changes: Partial<Flags> = {},
  log: Log = pino({ level: 'silent' }),
  surroundings: Pick<ServerSurroundings, 'wallClock'> = {},
): Promise<RunningServer> {
  const settings = parseSettings(await testFlags(changes))
  const server = await startServer(settings, {
    log,
    appFolder: await builtApp(),
    ...surroundings,
  })
  afterThis(() => server.close())
  return server
}

/** A UDP port that nothing has now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** A TCP connection that stands. */
export async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host })
  socket.on('error', () => undefined)
  afterThis(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A TLS connection that stands, to a server whose certificate nobody vouches for. */
export async function dialTls(port: number, protocols?: string[], host = '127.0.0.1'): Promise<TLSSocket> {
  const socket = connectTls({
    port,
    host,
    rejectUnauthorized: false,
    ...(protocols && { ALPNProtocols: protocols }),
  })
  socket.on('error', () => undefined)
  afterThis(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** All that a connection has said once `isEnough` says so, or once it ended. */
export async function hear(socket: Socket, isEnough: (heard: Buffer) => boolean): Promise<Buffer> {
  let heard = Buffer.alloc(0)
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('data', take)
      socket.off('close', done)
      resolve(heard)
    }
    const take = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk])
      if (isEnough(heard)) done()
    }
    socket.on('data', take)
    socket.on('close', done)
    if (socket.destroyed) done()
  })
}

/** What a connection says until it ends. */
export async function hearAll(socket: Socket): Promise<string> {
  return (await hear(socket, () => false)).toString()
}
