import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { RelayPorts } from './relay-ports.ts'

describe('RelayPorts', () => {
  it('hands out each port of its range once, in an order that nobody can guess', () => {
    const ports = new RelayPorts(2000, 2099)
    const random = new SeededRandom(1)
    const taken = Array.from({ length: 100 }, () => ports.take(random))
    expect(new Set(taken).size).toBe(100)
    expect(Math.min(...taken)).toBe(2000)
    expect(Math.max(...taken)).toBe(2099)
    expect(taken.slice(0, 5)).not.toEqual([...taken.slice(0, 5)].sort())
    expect(ports.take(random)).toBe(-1)
    ports.release(2050)
    expect(ports.take(random)).toBe(2050)
    expect(ports.used).toBe(100)
  })

  it('finds even ports, with the next one if it is asked for', () => {
    const ports = new RelayPorts(2001, 2006)
    const random = new SeededRandom(1)
    const pairs = [ports.takeEven(random, true), ports.takeEven(random, true)]
    expect(pairs.sort()).toEqual([2002, 2004])
    expect(ports.takeEven(random, true)).toBe(-1)
    expect(ports.takeEven(random, false)).toBe(2006)
    expect(ports.takeEven(random, false)).toBe(-1)
    expect(ports.take(random)).toBe(2001)
    expect(ports.used).toBe(6)
  })

  it('knows whose a port is', () => {
    const ports = new RelayPorts(2000, 2000)
    expect(ports.ownerOf(2000)).toBe(-1)
    const port = ports.take(new SeededRandom(1))
    expect(ports.ownerOf(port)).toBe(-1)
    ports.assign(port, 7)
    expect(ports.ownerOf(port)).toBe(7)
    ports.release(port)
    expect([ports.ownerOf(port), ports.ownerOf(70_000), ports.used]).toEqual([-1, -1, 0])
    expect(new RelayPorts(2001, 2000).take(new SeededRandom(1))).toBe(-1)
  })
})
