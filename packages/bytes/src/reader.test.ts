import { describe, expect, it } from 'vitest'
import { ByteReader } from './reader.ts'

const bytes = Uint8Array.of(0xff, 0x01, 0x02, 0x80, 0x00, 0x00, 0x01, 0x41, 0xc3, 0xa9)

describe('ByteReader', () => {
  it('reads unsigned big-endian values one after the other', () => {
    const reader = new ByteReader(bytes)
    expect(reader.u8()).toBe(255)
    expect(reader.u16()).toBe(0x0102)
    expect(reader.u32()).toBe(0x80000001)
    expect(reader.at).toBe(7)
    expect(reader.remaining).toBe(3)
    expect(reader.utf8(3)).toBe('Aé')
    expect(reader.remaining).toBe(0)
    expect(reader.failed).toBe(false)
  })

  it('stays within the range it was given', () => {
    const reader = new ByteReader(bytes, 1, 3)
    expect(reader.u16()).toBe(0x0102)
    expect(reader.u8()).toBe(0)
    expect(reader.failed).toBe(true)
  })

  it('gives a view of the same memory, not a copy', () => {
    const reader = new ByteReader(bytes, 2)
    reader.skip(1)
    const view = reader.view(2)
    expect(view.buffer).toBe(bytes.buffer)
    expect(view.byteOffset).toBe(bytes.byteOffset + 3)
    expect(reader.at).toBe(5)
  })

  it.each([
    ['u8', (reader: ByteReader) => reader.u8(), 0],
    ['u16', (reader: ByteReader) => reader.u16(), 1],
    ['u32', (reader: ByteReader) => reader.u32(), 3],
    ['view', (reader: ByteReader) => reader.view(3).length, 2],
    ['utf8', (reader: ByteReader) => reader.utf8(3).length, 2],
    ['skip', (reader: ByteReader) => reader.skip(3) ?? 0, 2],
    ['a negative view', (reader: ByteReader) => reader.view(-1).length, 2],
    ['a negative skip', (reader: ByteReader) => reader.skip(-1) ?? 0, 2],
  ])('fails and gives nothing when %s is more than what is left', (_, read, length) => {
    const reader = new ByteReader(Uint8Array.of(0x41, 0x41, 0x41), 0, length)
    expect(read(reader)).toBe(0)
    expect(reader.failed).toBe(true)
    expect(reader.remaining).toBe(0)
    expect(reader.u8()).toBe(0)
  })

  it('stays failed when a later read would fit', () => {
    const reader = new ByteReader(bytes)
    reader.skip(100)
    expect(reader.u8()).toBe(0)
    expect(reader.view(0)).toHaveLength(0)
    expect(reader.failed).toBe(true)
  })

  it('fails on text that is not UTF-8', () => {
    const reader = new ByteReader(Uint8Array.of(0xff, 0x41))
    expect(reader.utf8(1)).toBe('')
    expect(reader.failed).toBe(true)
  })

  it.each([
    [-1, 2],
    [0, 11],
    [3, 2],
  ])('has failed from the start for the impossible range %i to %i', (start, end) => {
    const reader = new ByteReader(bytes, start, end)
    expect(reader.failed).toBe(true)
    expect(reader.remaining).toBe(0)
  })
})
