import { assert, constantFrom, integer, property, array as sequence, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PathTable, PathTableError } from './path-table.ts'
import { formatTransportAddress, type TransportAddress } from './transport-address.ts'

function v4(last: number, port = 3478): TransportAddress {
  return { family: 4, address: Uint8Array.of(192, 0, 2, last), port }
}

function v6(last: number, port = 3478): TransportAddress {
  const address = new Uint8Array(16)
  address.set([0x20, 0x01, 0x0d, 0xb8])
  address[15] = last
  return { family: 6, address, port }
}

const here = v4(1)

/** The same contract in the most obvious way: latest used first. */
class NaivePaths {
  readonly capacity: number
  interned: { id: number; key: string }[] = []
  readonly opened = new Set<number>()
  readonly held = new Set<number>()

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** The id that must come back: a known one, -1, or undefined for any that is not in use. */
  intern(key: string): number | undefined {
    const known = this.interned.find((path) => path.key === key)
    if (known === undefined) return this.makeRoom() ? undefined : -1
    this.interned = [known, ...this.interned.filter((path) => path !== known)]
    return known.id
  }

  makeRoom(): boolean {
    if (this.interned.length + this.opened.size < this.capacity) return true
    const index = this.interned.findLastIndex((path) => !this.held.has(path.id))
    if (index >= 0) this.interned.splice(index, 1)
    return index >= 0
  }

  hold(id: number): void {
    if (this.interned.some((path) => path.id === id)) this.held.add(id)
  }

  /** A path that is let go counts as used just now. */
  letGo(id: number): void {
    if (!this.held.delete(id)) return
    const path = this.interned.find((path) => path.id === id)
    if (path !== undefined) this.interned = [path, ...this.interned.filter((other) => other !== path)]
  }

  release(id: number): void {
    this.held.delete(id)
    this.interned = this.interned.filter((path) => path.id !== id)
    this.opened.delete(id)
  }

  ids(): number[] {
    return [...this.interned.map((path) => path.id), ...this.opened]
  }
}

const operation = tuple(
  constantFrom('intern', 'intern', 'intern', 'open', 'hold', 'letGo', 'release', 'releaseAny'),
  integer({ min: 0, max: 30 }),
  constantFrom('udp' as const, 'tcp' as const),
)

describe('PathTable', () => {
  it('does what a naive table does, for any sequence of operations', () => {
    const capacity = integer({ min: 1, max: 12 })
    assert(
      property(capacity, sequence(operation, { maxLength: 300, size: 'max' }), (capacity, operations) => {
        const paths = new PathTable({ capacity, hashSeed: capacity })
        const naive = new NaivePaths(capacity)
        for (const [kind, number, transport] of operations) {
          if (kind === 'intern') {
            const remote = number % 2 === 0 ? v4(number) : v6(number)
            const local = number % 2 === 0 ? v4(1) : v6(1)
            const key = `${transport} ${formatTransportAddress(local)} <-> ${formatTransportAddress(remote)}`
            const expected = naive.intern(key)
            const id = paths.intern(transport, local, remote)
            if (expected === undefined) {
              expect(naive.ids()).not.toContain(id)
              naive.interned.unshift({ id, key })
            } else expect(id).toBe(expected)
          } else if (kind === 'open') {
            const hasRoom = naive.makeRoom()
            const id = paths.open(transport, here, v4(number))
            expect(id >= 0).toBe(hasRoom)
            expect(naive.ids()).not.toContain(id)
            if (hasRoom) naive.opened.add(id)
          } else if (kind === 'hold' || kind === 'letGo') {
            const id = naive.ids()[number] ?? number
            paths[kind](id)
            naive[kind](id)
          } else {
            const id = kind === 'release' ? (naive.ids()[number] ?? -1) : number
            paths.release(id)
            naive.release(id)
          }
          expect(paths.size).toBe(naive.ids().length)
          expect(paths.held).toBe(naive.held.size)
          for (const { id, key } of naive.interned) expect(paths.format(id)).toBe(key)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('tells back what it was given', () => {
    const paths = new PathTable({ capacity: 4 })
    const id = paths.open('tls', v6(1, 443), v6(2, 65535))
    expect(paths.transport(id)).toBe('tls')
    expect(paths.family(id)).toBe(6)
    expect(paths.localPort(id)).toBe(443)
    expect(paths.remotePort(id)).toBe(65535)
    expect(paths.local(id)).toEqual(v6(1, 443))
    expect(paths.remote(id)).toEqual(v6(2, 65535))
    expect(paths.format(id)).toBe('tls [2001:db8::1]:443 <-> [2001:db8::2]:65535')
    const bytes = new Uint8Array(20)
    expect(paths.writeRemoteAddress(id, bytes, 4)).toBe(16)
    expect(bytes.subarray(4)).toEqual(v6(2).address)
    const four = paths.intern('udp', here, { family: 4, address: Uint8Array.of(255, 254, 253, 252), port: 0 })
    expect(paths.writeRemoteAddress(four, bytes)).toBe(4)
    expect(bytes.subarray(0, 4)).toEqual(Uint8Array.of(255, 254, 253, 252))
  })

  it('tells paths apart by transport, by either address and by either port', () => {
    const paths = new PathTable({ capacity: 16 })
    const ids = [
      paths.intern('udp', here, v4(2)),
      paths.intern('tcp', here, v4(2)),
      paths.intern('udp', v4(3), v4(2)),
      paths.intern('udp', here, v4(3)),
      paths.intern('udp', v4(1, 1), v4(2)),
      paths.intern('udp', here, v4(2, 1)),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(paths.intern('udp', here, v4(2))).toBe(ids[0])
  })

  it('copies the addresses, so that the caller may use the same buffer again', () => {
    const paths = new PathTable({ capacity: 4 })
    const scratch = { family: 4, address: Uint8Array.of(192, 0, 2, 9), port: 7 } as const
    const id = paths.intern('udp', here, scratch)
    scratch.address.fill(0)
    expect(paths.remote(id)).toEqual(v4(9, 7))
  })

  it('evicts the interned path that was used longest ago when it is full', () => {
    const paths = new PathTable({ capacity: 2 })
    const first = paths.intern('udp', here, v4(2))
    const second = paths.intern('udp', here, v4(3))
    paths.intern('udp', here, v4(2))
    expect(paths.intern('udp', here, v4(4))).toBe(second)
    expect(paths.intern('udp', here, v4(2))).toBe(first)
  })

  it('never evicts an opened path and says -1 when there are only such', () => {
    const paths = new PathTable({ capacity: 2 })
    const connection = paths.open('tcp', here, v4(2))
    paths.intern('udp', here, v4(3))
    paths.open('tcp', here, v4(4))
    expect(paths.intern('udp', here, v4(3))).toBe(-1)
    expect(paths.open('tcp', here, v4(5))).toBe(-1)
    paths.release(connection)
    expect(paths.intern('udp', here, v4(3))).toBe(connection)
  })

  it('never evicts a path that is held, and goes on finding it', () => {
    const paths = new PathTable({ capacity: 2 })
    const held = paths.intern('udp', here, v4(2))
    paths.hold(held)
    const other = paths.intern('udp', here, v4(3))
    expect(paths.intern('udp', here, v4(4))).toBe(other)
    expect(paths.intern('udp', here, v4(2))).toBe(held)
    paths.hold(other)
    expect(paths.intern('udp', here, v4(5))).toBe(-1)
    expect(paths.open('tcp', here, v4(5))).toBe(-1)
    paths.letGo(held)
    expect(paths.intern('udp', here, v4(5))).toBe(held)
    expect(paths.held).toBe(1)
  })

  it('holds neither opened paths nor those that are not there', () => {
    const paths = new PathTable({ capacity: 2 })
    const connection = paths.open('tcp', here, v4(2))
    for (const id of [connection, 1, -1, 77]) {
      paths.hold(id)
      paths.letGo(id)
    }
    expect(paths.held).toBe(0)
    expect(paths.intern('udp', here, v4(3))).not.toBe(connection)
  })

  it('gives two connections between the same addresses two ids', () => {
    const paths = new PathTable({ capacity: 4 })
    const old = paths.open('tcp', here, v4(2))
    const young = paths.open('tcp', here, v4(2))
    expect(young).not.toBe(old)
    paths.release(old)
    expect(paths.has(young)).toBe(true)
  })

  it('refuses mixed families, unknown ids and impossible capacities', () => {
    const paths = new PathTable({ capacity: 2 })
    expect(() => paths.intern('udp', here, v6(1))).toThrow(PathTableError)
    expect(() => paths.remotePort(0)).toThrow(PathTableError)
    expect(() => new PathTable({ capacity: 0 })).toThrow(PathTableError)
    expect(paths.format(1)).toBe('path 1 (gone)')
    expect(paths.has(-1)).toBe(false)
    paths.release(77)
    expect(paths.size).toBe(0)
  })
})
