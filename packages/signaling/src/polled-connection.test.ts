import { describe, expect, it } from 'vitest'
import { BareServer } from './testing/bare-server.ts'

const opened = {
  address: { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 1 },
  host: 'h',
} as const

describe('a connection over HTTP, to the signaling server', () => {
  it('is pinged more rarely, and has more time to answer', () => {
    const bare = new BareServer()
    bare.server.handleOpen(1, { ...opened, isPolled: true }, bare.now)
    bare.hello(1)
    expect(bare.last(1, 'welcome')).toMatchObject({ pingEveryMs: 10_000, deadAfterMs: 22_500 })
    bare.advance(9_999)
    expect(bare.last(1, 'ping')).toBeUndefined()
    bare.advance(1)
    expect(bare.last(1, 'ping')).toBeDefined()
    bare.advance(12_499)
    expect(bare.isSentOff(1)).toBe(false)
    bare.advance(1)
    expect(bare.isSentOff(1)).toBe(true)
  })

  it('counts among those of its address', () => {
    const bare = new BareServer({ maxConnectionsPerAddress: 1 })
    bare.open(1)
    bare.server.handleOpen(2, { ...opened, isPolled: true }, bare.now)
    bare.hello(3)
    bare.open(4)
    expect(bare.last(2, 'goodbye')?.code).toBe('tooManyConnections')
  })

  it('whose hello comes after what the client said later elsewhere is sent off, and the session stays', () => {
    const bare = new BareServer()
    bare.create(1)
    bare.frame(1, { type: 'pong', ack: 1 })
    bare.open(2)
    bare.hello(2, 1, 0)
    expect(bare.last(2, 'goodbye')?.code).toBe('replaced')
    expect(bare.isSentOff(1)).toBe(false)
    expect(bare.left).toEqual([])
    bare.frame(1, { type: 'ping', ack: 1 })
    expect(bare.last(1, 'pong')).toBeDefined()
  })
})
