import {
  assert,
  constant,
  integer,
  oneof,
  property,
  array as sequence,
  string,
  tuple,
  uint8Array,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader } from './reader.ts'
import { encodeUtf8 } from './utf8.ts'
import { ByteWriter } from './writer.ts'

const value = oneof(
  tuple(constant('u8' as const), integer({ min: 0, max: 0xff })),
  tuple(constant('u16' as const), integer({ min: 0, max: 0xffff })),
  tuple(constant('u32' as const), integer({ min: 0, max: 0xffffffff })),
  tuple(constant('bytes' as const), uint8Array({ maxLength: 70 })),
  tuple(constant('utf8' as const), string({ unit: 'grapheme', maxLength: 9 })),
)

describe('ByteWriter', () => {
  it('writes what a ByteReader reads, for any sequence of values', () => {
    assert(
      property(sequence(value, { maxLength: 20 }), (values) => {
        const writer = new ByteWriter(new Uint8Array(4096), 3)
        for (const [kind, content] of values) {
          if (kind === 'bytes') writer.write(content)
          else if (kind === 'utf8') writer.utf8(content)
          else writer[kind](content)
        }
        expect(writer.failed).toBe(false)
        const reader = new ByteReader(writer.written())
        for (const [kind, content] of values) {
          if (kind === 'bytes') expect(reader.view(content.length)).toEqual(content)
          else if (kind === 'utf8') expect(reader.utf8(encodeUtf8(content).length)).toBe(content)
          else expect(reader[kind]()).toBe(content)
        }
        expect(reader.remaining).toBe(0)
        expect(reader.failed).toBe(false)
      }),
    )
  })

  it('keeps the lowest bits of a value that is too large', () => {
    const writer = new ByteWriter(new Uint8Array(7))
    writer.u8(0x101)
    writer.u16(0x10002)
    writer.u32(2 ** 32 + 3)
    expect([...writer.written()]).toEqual([1, 0, 2, 0, 0, 0, 3])
  })

  it('writes only inside the range it was given, and says where it is', () => {
    const bytes = new Uint8Array(8).fill(9)
    const writer = new ByteWriter(bytes, 2, 5)
    writer.u16(0x0102)
    expect(writer.at).toBe(4)
    expect(writer.length).toBe(2)
    writer.u16(0x0304)
    expect(writer.failed).toBe(true)
    expect([...bytes]).toEqual([9, 9, 1, 2, 9, 9, 9, 9])
    expect([...writer.written()]).toEqual([1, 2])
  })

  it('copies a part of a source, short or long', () => {
    const source = Uint8Array.from({ length: 100 }, (_, i) => i)
    for (const end of [10, 90]) {
      const writer = new ByteWriter(new Uint8Array(100))
      writer.write(source, 5, end)
      expect(writer.written()).toEqual(source.subarray(5, end))
    }
  })

  it('writes zeros over what was there', () => {
    const writer = new ByteWriter(new Uint8Array(4).fill(9), 1)
    writer.zeros(2)
    expect([...writer.written()]).toEqual([0, 0])
    writer.zeros(2)
    expect(writer.failed).toBe(true)
  })

  it('stays failed when a later value would fit', () => {
    const writer = new ByteWriter(new Uint8Array(3))
    writer.u32(1)
    writer.u8(1)
    writer.utf8('a')
    expect(writer.failed).toBe(true)
    expect(writer.length).toBe(0)
  })

  it('fails on text and bytes that do not fit', () => {
    const text = new ByteWriter(new Uint8Array(3), 0, 2)
    text.utf8('aé')
    expect(text.failed).toBe(true)
    expect(text.length).toBe(0)
    const bytes = new ByteWriter(new Uint8Array(3))
    bytes.write(new Uint8Array(4))
    expect(bytes.failed).toBe(true)
  })

  it('patches two bytes that it wrote, and no others', () => {
    const bytes = new Uint8Array(6)
    const writer = new ByteWriter(bytes, 1)
    writer.zeros(3)
    writer.patchU16(2, 0x0a0b)
    writer.patchU16(0, 0xffff)
    writer.patchU16(3, 0xffff)
    expect([...bytes]).toEqual([0, 0, 0x0a, 0x0b, 0, 0])
  })

  it('has no room past the end of the array, whatever it was told', () => {
    const writer = new ByteWriter(new Uint8Array(1), 0, 100)
    writer.u16(1)
    expect(writer.failed).toBe(true)
  })
})
