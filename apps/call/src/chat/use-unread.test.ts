import type { ChatMessage } from '@crowfly/client'
import { describe, expect, it } from 'vitest'
import { unreadAfter } from './use-unread.ts'

const message = (id: string, from: string): ChatMessage => ({ id, from, name: '', text: id, atMs: 0 })
const messages = [message('1', 'ann'), message('2', 'me'), message('3', 'ann'), message('4', 'bob')]

describe('unread messages', () => {
  it('are those of others after the last one seen', () => {
    expect(unreadAfter(messages, '1')).toBe(2)
    expect(unreadAfter(messages, '4')).toBe(0)
  })

  it('are all of others when none was seen', () => {
    expect(unreadAfter(messages, null)).toBe(3)
  })
})
