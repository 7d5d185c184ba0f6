import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Datagram, PathTable } from '@crowfly/sansio'
import { afterEach, expect, test } from 'vitest'
import { type StreamFramer, StreamPaths, unmapped } from './stream-paths.ts'

/** Messages of four bytes; 0xff at the start of one is a fault. */
class Fours implements StreamFramer {
  fault: string | undefined
  #bytes: number[] = []

  push(chunk: Uint8Array): void {
    this.#bytes.push(...chunk)
  }

  next(out: Datagram): boolean {
    if (this.#bytes[0] === 0xff) this.fault = 'notFour'
    if (this.#bytes.length < 4 || this.fault) return false
    out.bytes = new Uint8Array(this.#bytes.splice(0, 4))
    out.start = 0
    out.end = 4
    return true
  }
}

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Answers each message with itself, and `padding` bytes more. */
async function echoServer(options: { padding?: number; capacity?: number; idleTimeoutMs?: number } = {}) {
  const { padding = 0, capacity = 4, idleTimeoutMs = 60_000 } = options
  const log: string[] = []
  const heard: string[] = []
  const paths = new PathTable({ capacity })
  const streams: StreamPaths = new StreamPaths({
    paths,
    framer: () => new Fours(),
    idleTimeoutMs,
    opened: (path) => log.push(`opened ${path} ${paths.has(path)}`),
    closed: (path) => log.push(`closed ${path} ${paths.has(path)}`),
    maxWaitingBytes: 1_000_000,
    receive: (message) => {
      heard.push(new TextDecoder().decode(message.bytes))
      const bytes = new Uint8Array(4 + padding)
      bytes.set(message.bytes)
      streams.transmit({ ...message, bytes, end: bytes.length })
    },
  })
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    streams.add(socket, 'tcp')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    streams.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const dial = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    ends.push(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { streams, paths, sockets, dial, log, heard }
}

async function read(socket: Socket, length: number): Promise<string> {
  let text = ''
  while (text.length < length) {
    const [chunk] = await once(socket, 'data')
    text += String(chunk)
  }
  return text
}

test('each message is answered on its own stream', async () => {
  const { streams, dial } = await echoServer()
  const one = await dial()
  const two = await dial()
  one.write('aaaabb')
  two.write('cccc')
  expect(await read(one, 4)).toBe('aaaa')
  expect(await read(two, 4)).toBe('cccc')
  one.write('bb')
  expect(await read(one, 4)).toBe('bbbb')
  expect(streams.size).toBe(2)
})

test('a client that ends its side gets its answer first', async () => {
  const { paths, dial } = await echoServer()
  const socket = await dial()
  socket.end('aaaa')
  expect(await read(socket, 4)).toBe('aaaa')
  await once(socket, 'end')
  await expect.poll(() => paths.size).toBe(0)
})

test('a stream that is not framed as it should be is closed', async () => {
  const { streams, dial } = await echoServer()
  const socket = await dial()
  socket.resume().write(new Uint8Array([255]))
  await once(socket, 'close')
  await expect.poll(() => streams.size).toBe(0)
})

test('a stream is refused when the path table is full', async () => {
  const { streams, dial } = await echoServer({ capacity: 1 })
  await dial()
  await expect.poll(() => streams.size).toBe(1)
  const refused = await dial()
  await once(refused.resume(), 'close')
  expect(streams.size).toBe(1)
})

test('a silent stream is closed', async () => {
  const { dial } = await echoServer({ idleTimeoutMs: 30 })
  const socket = await dial()
  await once(socket.resume(), 'close')
})

test('a stream that says much at once is heard in turns, and to the end', async () => {
  const { heard, dial } = await echoServer()
  const loud = await dial()
  const soft = await dial()
  const rounds = 5_000
  loud.write('loud'.repeat(rounds))
  soft.write('soft')
  expect(await read(loud, 4 * rounds)).toBe('loud'.repeat(rounds))
  expect(heard).toHaveLength(rounds + 1)
  expect(heard.indexOf('soft')).toBeLessThan(rounds)
  loud.end('last')
  expect(await read(loud, 4)).toBe('last')
})

test('a stream that is not framed as it should be is closed though much came before', async () => {
  const { heard, streams, dial } = await echoServer()
  const socket = await dial()
  socket.resume().write(Buffer.concat([Buffer.from('abcd'.repeat(1_000)), Buffer.from([255])]))
  await once(socket, 'close')
  expect(heard).toHaveLength(1_000)
  await expect.poll(() => streams.size).toBe(0)
})

test('a stream is told of while its path is there, at its beginning and its end', async () => {
  const { log, dial } = await echoServer()
  const socket = await dial()
  await expect.poll(() => log).toEqual(['opened 0 true'])
  socket.destroy()
  await expect.poll(() => log).toEqual(['opened 0 true', 'closed 0 true'])
})

test('a stream that is ended gets what waits for it, and is heard no more', async () => {
  const { streams, sockets, log, dial } = await echoServer()
  const socket = await dial()
  await expect.poll(() => streams.size).toBe(1)
  const bytes = new TextEncoder().encode('goodbye!')
  streams.transmit({ bytes, start: 0, end: 8, path: 0 })
  streams.end(0)
  socket.write('abcd')
  expect(await read(socket, 8)).toBe('goodbye!')
  await expect.poll(() => log.at(-1)).toBe('closed 0 true')
  expect(sockets[0]?.destroyed).toBe(true)
  streams.end(0)
})

test('what others send to a peer that does not read is dropped in whole messages, and it may go on speaking', async () => {
  const { streams, sockets, dial } = await echoServer()
  const socket = await dial()
  socket.pause()
  await expect.poll(() => streams.size).toBe(1)
  const bytes = new Uint8Array(60_000).fill(7)
  const rounds = 1_000
  for (let i = 0; i < rounds; i++) streams.transmit({ bytes, start: 0, end: bytes.length, path: 0 })
  expect(streams.dropped).toBeGreaterThan(0)
  expect(sockets[0]?.writableLength).toBeLessThanOrEqual(1_000_000)
  expect(sockets[0]?.isPaused()).toBe(false)
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  socket.resume()
  await expect.poll(() => received).toBe((rounds - streams.dropped) * bytes.length)
})

test('a peer that does not read is not read from, and loses nothing once it does', async () => {
  const answerBytes = 65_536
  const { sockets, dial } = await echoServer({ padding: answerBytes - 4 })
  const socket = await dial()
  socket.pause()
  const rounds = 400
  for (let i = 0; i < rounds; i++) socket.write('abcd')
  await expect.poll(() => sockets[0]?.isPaused()).toBe(true)
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  socket.resume()
  await expect.poll(() => received).toBe(rounds * answerBytes)
})

test('a mapped IPv4 address is shown as IPv4', () => {
  const mapped = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1])
  expect(unmapped(mapped, 5)).toEqual({ family: 4, address: new Uint8Array([192, 0, 2, 1]), port: 5 })
  const other = mapped.with(9, 1)
  expect(unmapped(other, 5)).toEqual({ family: 6, address: other, port: 5 })
})

test('a stream that is ended is closed soon, also when its peer never reads', async () => {
  const paths = new PathTable({ capacity: 1 })
  let isClosed = false
  const streams = new StreamPaths({
    paths,
    framer: () => new Fours(),
    receive: () => undefined,
    closed: () => {
      isClosed = true
    },
    maxWaitingBytes: 2 ** 30,
    farewellMs: 50,
  })
  const server = createServer((socket) => {
    streams.add(socket, 'tcp')
    const bytes = new Uint8Array(2 ** 26)
    streams.transmit({ bytes, start: 0, end: bytes.length, path: 0 })
    streams.end(0)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1' }).pause()
  socket.on('error', () => undefined)
  ends.push(() => {
    socket.destroy()
    streams.close()
    server.close()
  })
  await expect.poll(() => isClosed).toBe(true)
})
