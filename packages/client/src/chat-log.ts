import type { ChatMessage } from './snapshot.ts'

/** Messages kept at most; the oldest make room. */
const MAX_MESSAGES = 500

/** The chat of a call. A message that comes twice is there once. */
export class ChatLog {
  #messages: readonly ChatMessage[] = []

  get messages(): readonly ChatMessage[] {
    return this.#messages
  }

  add(message: ChatMessage): void {
    const { id, from } = message
    if (this.#messages.some((known) => known.id === id && known.from === from)) return
    this.#messages = [...this.#messages, message].slice(-MAX_MESSAGES)
  }
}
