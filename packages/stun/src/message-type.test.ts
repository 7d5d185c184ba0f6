import { describe, expect, it } from 'vitest'
import { classOf, encodeMessageType, MAX_METHOD, type MessageClass, methodOf } from './message-type.ts'

describe('message types', () => {
  it.each<[number, MessageClass, number]>([
    [0x001, 'request', 0x0001],
    [0x001, 'indication', 0x0011],
    [0x001, 'successResponse', 0x0101],
    [0x001, 'errorResponse', 0x0111],
    [0x004, 'request', 0x0004],
    [0x009, 'errorResponse', 0x0119],
    [0xfff, 'errorResponse', 0x3fff],
  ])('write method %i and class %s as RFC 8489 §5 lays the bits out', (method, messageClass, type) => {
    expect(encodeMessageType(method, messageClass)).toBe(type)
  })

  it('give every method and class back', () => {
    const types = new Set<number>()
    const wrong: number[] = []
    for (let method = 0; method <= MAX_METHOD; method++) {
      for (const messageClass of ['request', 'indication', 'successResponse', 'errorResponse'] as const) {
        const type = encodeMessageType(method, messageClass)
        types.add(type)
        if (methodOf(type) !== method || classOf(type) !== messageClass) wrong.push(type)
      }
    }
    expect(wrong).toEqual([])
    expect(types.size).toBe(0x4000)
  })
})
