import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import type { MessageType } from '../seal/message-type.ts'
import { decodeMemberMessage, encodeMemberMessage, type MemberMessage } from './member-message.ts'

const ann = new Uint8Array(16).fill(1)
const bob = new Uint8Array(16).fill(2)

describe('a message about entering', () => {
  it.each<[MemberMessage, string]>([
    [{ type: 'knock', name: 'Zoë' }, '00045a6fc3ab'],
    [{ type: 'knock', name: '' }, '0000'],
    [{ type: 'wait' }, ''],
    [{ type: 'admitted', member: bob }, '02'.repeat(16)],
    [{ type: 'ringing' }, ''],
    [{ type: 'declined', reason: 'declined' }, '00'],
    [{ type: 'declined', reason: 'busy' }, '01'],
    [{ type: 'roster', members: [] }, '00'],
    [{ type: 'roster', members: [ann, bob] }, `02${'01'.repeat(16)}${'02'.repeat(16)}`],
  ])('%j reads back from its body', (message, hex) => {
    const sealed = encodeMemberMessage(message)
    expect(sealed).toEqual({ type: message.type, body: parseHex(hex) })
    expect(decodeMemberMessage(sealed)).toEqual(message)
  })

  it.each<[MessageType, string]>([
    ['knock', ''],
    ['knock', '0002ff'],
    ['knock', '0001ff'],
    ['knock', `0101${'61'.repeat(257)}`],
    ['knock', '000061'],
    ['wait', '00'],
    ['ringing', '00'],
    ['admitted', '02'.repeat(15)],
    ['admitted', '02'.repeat(17)],
    ['declined', ''],
    ['declined', '02'],
    ['roster', '01'],
    ['roster', `41${'01'.repeat(16 * 65)}`],
    ['offer', ''],
    ['message', ''],
    ['ack', ''],
  ])('is not %s with the body %s', (type, hex) => {
    expect(decodeMemberMessage({ type, body: parseHex(hex) })).toBeUndefined()
  })

  it('is not sent when it is too long', () => {
    expect(() => encodeMemberMessage({ type: 'knock', name: 'é'.repeat(129) })).toThrow('256 octets')
    expect(() => encodeMemberMessage({ type: 'roster', members: Array(65).fill(ann) })).toThrow('64 members')
  })
})
