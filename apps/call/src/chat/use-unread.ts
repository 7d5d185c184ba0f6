import type { ChatMessage } from '@crowfly/client'
import { useState } from 'react'

/** How many messages of others came since the chat was last open. */
export function useUnread(messages: readonly ChatMessage[], isOpen: boolean): number {
  const last = messages.at(-1)?.id ?? null
  const [seen, setSeen] = useState<string | null>(last)
  if (isOpen && seen !== last) setSeen(last)
  return isOpen ? 0 : unreadAfter(messages, seen)
}

/** The messages of others after the one with the id `seen`; all when that one is gone or there was none. */
export function unreadAfter(messages: readonly ChatMessage[], seen: string | null): number {
  const index = messages.findIndex((message) => message.id === seen)
  return messages.slice(index + 1).filter((message) => message.from !== 'me').length
}
