import { describe, expect, it } from 'vitest'
import { BareServer, memberId } from './testing/bare-server.ts'

/** A server whose application is asked, with somebody in a room who was let in. */
function guarded(): { server: BareServer; nameplate: string } {
  const server = new BareServer({}, undefined, true)
  server.greet(1)
  server.item(1, { type: 'authorize', authorization: 'ann' })
  server.item(1, { type: 'create', memberId: memberId(1) })
  server.allow(true)
  return { server, nameplate: server.message(1, 'joined')?.nameplate ?? '' }
}

const send = { type: 'send', to: memberId(1), envelope: Uint8Array.of(7) } as const

describe('a guarded server', () => {
  it('asks the application before anybody creates, joins or looks, with what they show for it', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.item(2, { type: 'authorize', authorization: 'bob' })
    server.item(2, { type: 'look', nameplate, memberId: memberId(2) })
    server.allow(true)
    server.join(2, nameplate)
    server.allow(true)
    expect(server.asked.map(({ action, authorization }) => `${action} ${authorization}`)).toEqual([
      'create ann',
      'look bob',
      'join bob',
    ])
    expect(server.asked.map(({ nameplate }) => nameplate)).toEqual([undefined, nameplate, nameplate])
    expect(server.message(2, 'looked')?.members).toHaveLength(1)
    expect(server.message(2, 'joined')?.members).toHaveLength(1)
  })

  it('lets nobody in whom the application does not, and hears nothing else of them', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.join(2, nameplate)
    server.item(2, send)
    server.allow(false)
    expect(server.message(2, 'refused')?.code).toBe('notAllowed')
    expect(server.message(1, 'envelope')).toBeUndefined()
    expect(server.message(1, 'memberJoined')).toBeUndefined()
    expect(server.isSentOff(2)).toBe(false)
  })

  it('takes what was said meanwhile in order, once they are in', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.join(2, nameplate)
    const envelopes = [1, 2, 3].map((octet) => Uint8Array.of(octet))
    for (const envelope of envelopes) server.item(2, { ...send, envelope })
    expect(server.messages(1, 'envelope')).toEqual([])
    server.allow(true)
    expect(server.messages(1, 'envelope').map(({ envelope }) => envelope)).toEqual(envelopes)
  })

  it('asks once more about a join that came behind a look', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.item(2, { type: 'look', nameplate, memberId: memberId(2) })
    server.join(2, nameplate)
    server.item(2, send)
    server.allow(true)
    expect(server.message(2, 'joined')).toBeUndefined()
    server.allow(true)
    expect(server.message(2, 'joined')).toBeDefined()
    expect(server.messages(1, 'envelope')).toHaveLength(1)
  })

  it('does not ask about somebody who returns with a token', () => {
    const { server, nameplate } = guarded()
    const joined = server.message(1, 'joined')
    server.greet(3)
    const token = joined?.token ?? new Uint8Array(0)
    const asked = server.asked.length
    server.item(3, { type: 'join', nameplate, memberId: memberId(1), ordinal: 1, token, ifEmpty: 'wait' })
    expect(server.asked).toHaveLength(asked)
    expect(server.message(3, 'joined')?.ordinal).toBe(1)
  })

  it('sends off whoever says too much meanwhile, and those whose words make no sense afterwards', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.join(2, nameplate)
    for (let count = 0; count < 64; count++) server.item(2, send)
    expect(server.isSentOff(2)).toBe(false)
    server.item(2, send)
    expect(server.isSentOff(2)).toBe(true)
    server.greet(3)
    server.join(3, nameplate)
    server.join(3, nameplate)
    server.allow(true)
    expect(server.isSentOff(3)).toBe(true)
    expect(server.last(3, 'goodbye')?.code).toBe('malformed')
  })

  it('ends a session that says more octets meanwhile than a client has waiting', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.join(2, nameplate)
    const large = { type: 'send', to: memberId(1), envelope: new Uint8Array(65_536) } as const
    for (let count = 0; count < 10; count++) server.item(2, large)
    expect(server.isSentOff(2)).toBe(false)
    server.item(2, large)
    expect(server.isSentOff(2)).toBe(true)
  })

  it('takes an answer that nobody waits for any more for nothing', () => {
    const { server, nameplate } = guarded()
    server.greet(2)
    server.join(2, nameplate)
    server.close(2)
    server.allow(true)
    expect(server.server.counters.members).toBe(1)
    server.shutdown()
    server.allow(true)
  })
})

describe('an open server', () => {
  it('asks nobody, whatever is shown', () => {
    const server = new BareServer()
    server.greet(1)
    server.item(1, { type: 'authorize', authorization: 'ann' })
    server.item(1, { type: 'create', memberId: memberId(1) })
    expect(server.message(1, 'joined')).toBeDefined()
    expect(server.asked).toEqual([])
  })
})
