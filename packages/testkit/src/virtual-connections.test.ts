import type { ConnectionMachine, Datagram } from '@crowfly/sansio'
import { beforeEach, describe, expect, it } from 'vitest'
import { ConnectionHost } from './connection-host.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'
import { VirtualConnections } from './virtual-connections.ts'

/** Says what happens to it, and sends what it is told to. */
class Diary implements ConnectionMachine<string, string> {
  readonly #events: string[] = []
  readonly #pending: { value: number; path: number }[] = []
  /** Sent to whoever connects. */
  greeting: number | undefined

  send(path: number, value: number): void {
    this.#pending.push({ value, path })
  }

  handleOpen(path: number, opened: string, now: number): void {
    this.#events.push(`${now} open ${path} ${opened}`)
    if (this.greeting !== undefined) this.send(path, this.greeting)
  }

  handleClose(path: number, now: number): void {
    this.#events.push(`${now} close ${path}`)
  }

  handleDatagram({ bytes, start, path }: Datagram, now: number): void {
    this.#events.push(`${now} got ${bytes[start]} on ${path}`)
  }

  handleTimeout(): void {}

  pollTransmit(out: Datagram): boolean {
    const next = this.#pending.shift()
    if (next === undefined) return false
    Object.assign(out, { bytes: Uint8Array.of(next.value), start: 0, end: 1, path: next.path })
    return true
  }

  pollEvent(): string | undefined {
    return this.#events.shift()
  }

  pollTimeout(): number {
    return Infinity
  }
}

function makeHost(clock: VirtualClock) {
  const machine = new Diary()
  const log: string[] = []
  const host = new ConnectionHost({ clock, machine, event: (event: string) => void log.push(event) })
  return { machine, log, host }
}

let clock: VirtualClock
let network: VirtualConnections
let client: ReturnType<typeof makeHost>
let server: ReturnType<typeof makeHost>

const connect = () => network.connect(client.host, 'to server', server.host, 'from client')

describe('VirtualConnections', () => {
  beforeEach(() => {
    clock = new VirtualClock(0)
    network = new VirtualConnections(clock, new SeededRandom(1), { delayMs: 10 })
    client = makeHost(clock)
    server = makeHost(clock)
  })

  it('opens the server first, the client a delay later, and carries messages both ways', () => {
    server.machine.greeting = 7
    const path = connect()
    clock.advance(20)
    client.machine.send(path, 1)
    client.host.settle()
    clock.advance(10)
    expect(server.log).toEqual(['10 open 0 from client', '30 got 1 on 0'])
    expect(client.log).toEqual(['20 open 0 to server', '20 got 7 on 0'])
    expect(client.host.openPaths).toEqual([0])
  })

  it('keeps messages in order however they jitter', () => {
    network.conditions = { delayMs: 5, jitterMs: 50, admission: 'accept' }
    const path = connect()
    clock.advance(200)
    for (let value = 0; value < 20; value++) client.machine.send(path, value)
    client.host.settle()
    clock.advance(200)
    const got = server.log.slice(1).map((line) => Number(line.split(' ')[2]))
    expect(got).toEqual(Array.from({ length: 20 }, (_, value) => value))
  })

  it('tells the other end of a close after what was sent before it, and nothing after', () => {
    const path = connect()
    clock.advance(20)
    client.machine.send(path, 1)
    client.host.settle()
    client.host.close(path)
    client.host.close(path)
    server.machine.send(0, 2)
    server.host.settle()
    clock.advance(100)
    expect(client.log).toEqual(['20 open 0 to server', '20 close 0'])
    expect(server.log).toEqual(['10 open 0 from client', '30 got 1 on 0', '30 close 0'])
    expect(connect()).toBe(path)
  })

  it('lets nothing through a cut connection, and tells nobody', () => {
    const path = connect()
    clock.advance(20)
    server.machine.send(0, 2)
    server.host.settle()
    server.host.cut(0)
    client.machine.send(path, 1)
    client.host.settle()
    client.host.close(path)
    clock.advance(1000)
    expect(server.log).toEqual(['10 open 0 from client'])
    expect(server.host.openPaths).toEqual([0])
    expect(client.log).toEqual(['20 open 0 to server', '20 close 0'])
  })

  it('reports a refused connection as a close, and an ignored one never', () => {
    network.conditions = { delayMs: 10, jitterMs: 0, admission: 'refuse' }
    connect()
    clock.advance(100)
    expect(client.log).toEqual(['20 close 0'])
    network.conditions = { delayMs: 10, jitterMs: 0, admission: 'ignore' }
    connect()
    clock.advance(1e6)
    expect(client.log).toHaveLength(1)
    client.host.close(0)
    expect(client.log).toHaveLength(2)
    expect(server.log).toEqual([])
  })

  it('closes the server end of a connection that its client gave up while it was made', () => {
    const path = connect()
    clock.advance(15)
    client.host.close(path)
    const second = connect()
    expect(second).toBe(path)
    clock.advance(100)
    expect(client.log).toEqual(['15 close 0', '35 open 0 to server'])
    expect(server.log).toEqual(['10 open 0 from client', '25 open 1 from client', '30 close 0'])
  })

  it('closes the connections of a host that stops, and refuses new ones', () => {
    connect()
    clock.advance(20)
    server.host.stop()
    connect()
    clock.advance(100)
    expect(client.log).toEqual(['20 open 0 to server', '30 close 0', '40 close 1'])
  })

  it('tells nobody when a host is cut off', () => {
    connect()
    clock.advance(20)
    server.host.stop('cut')
    clock.advance(1000)
    expect(client.log).toEqual(['20 open 0 to server'])
  })
})
