import type { ChatMessage } from '@crowfly/client'
import { SendHorizontal, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { copy, shownName } from '../copy.ts'
import { RoundButton } from '../ui/round-button.tsx'
import { linkRuns } from './linked-text.ts'
import './chat-panel.css'

const maxLength = 4000

/** What people write to each other. Enter sends, Shift and Enter begin a new line, Escape closes. */
export function ChatPanel({
  messages,
  draft,
  isPending,
  onDraft,
  onSend,
  onClose,
}: {
  messages: readonly ChatMessage[]
  draft: string
  /** Nobody's connection is proven yet, so that nothing can be sent. */
  isPending: boolean
  onDraft(text: string): void
  /** False when there is nobody to send to. */
  onSend(text: string): boolean
  onClose(): void
}) {
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose()
  }
  return (
    <section className="chat" aria-label={copy.chat.title} onKeyDown={press} data-keep>
      <header className="chat-head">
        <h2 className="chat-title">{copy.chat.title}</h2>
        <button type="button" className="modal-close" aria-label={copy.chat.close} onClick={onClose}>
          <X size={20} aria-hidden="true" />
        </button>
      </header>
      <MessageList messages={messages} />
      <ChatField draft={draft} isPending={isPending} onDraft={onDraft} onSend={onSend} />
    </section>
  )
}

function ChatField({
  draft,
  isPending,
  onDraft,
  onSend,
}: {
  draft: string
  isPending: boolean
  onDraft(text: string): void
  onSend(text: string): boolean
}) {
  const [isRefused, setRefused] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus({ preventScroll: true }), [])
  const send = () => {
    const text = draft.trim()
    if (text === '' || isPending) return
    const isSent = onSend(text)
    setRefused(!isSent)
    if (isSent) onDraft('')
    field.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    // While an input method composes, Enter takes its suggestion.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <div className="chat-write">
      <div className="chat-field">
        {/* The copy of the text gives the field its height. */}
        <div className="chat-field-text chat-field-copy" aria-hidden="true">
          {`${draft} `}
        </div>
        <textarea
          className="chat-field-text chat-field-input"
          ref={field}
          aria-label={copy.chat.field}
          aria-disabled={isPending}
          aria-describedby="chat-state"
          placeholder={copy.chat.placeholder}
          value={draft}
          readOnly={isPending}
          rows={1}
          maxLength={maxLength}
          enterKeyHint="send"
          dir="auto"
          onChange={(event) => {
            setRefused(false)
            onDraft(event.target.value)
          }}
          onKeyDown={press}
        />
      </div>
      <RoundButton
        label={copy.chat.send}
        icon={<SendHorizontal size={20} aria-hidden="true" />}
        tone={draft.trim() === '' || isPending ? 'plain' : 'live'}
        disabled={draft.trim() === '' || isPending}
        onClick={send}
      />
      <p className="chat-refused" id="chat-state" role="status">
        {isPending ? copy.chat.pending : isRefused && copy.chat.alone}
      </p>
    </div>
  )
}

function MessageList({ messages }: { messages: readonly ChatMessage[] }) {
  const list = useRef<HTMLDivElement>(null)
  const lastId = messages.at(-1)?.id
  useEffect(() => {
    if (lastId !== undefined) list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [lastId])
  return (
    <div className="chat-messages" ref={list} role="log" aria-label={copy.chat.messages}>
      {messages.length === 0 && (
        <div className="chat-empty">
          <p className="chat-empty-title">{copy.chat.empty}</p>
          <p>{copy.chat.emptyBody}</p>
        </div>
      )}
      {messages.map((message, index) => (
        <Message key={message.id} message={message} isFollowing={isFollowing(message, messages[index - 1])} />
      ))}
    </div>
  )
}

/** Whether a message goes on under the name of the one before. */
function isFollowing(message: ChatMessage, before: ChatMessage | undefined): boolean {
  return before !== undefined && before.from === message.from && message.atMs - before.atMs < 120_000
}

function Message({ message, isFollowing }: { message: ChatMessage; isFollowing: boolean }) {
  const isMine = message.from === 'me'
  return (
    <article className="message" data-mine={isMine} data-following={isFollowing}>
      <p className={isFollowing ? 'sr-only' : 'message-head'}>
        <bdi className="message-name">{isMine ? copy.chat.you : shownName(message.name)}</bdi>
        <time className="tabular" dateTime={new Date(message.atMs).toISOString()}>
          {new Date(message.atMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
        </time>
      </p>
      <p className="message-text" dir="auto">
        {linkRuns(message.text).map((run) =>
          run.kind === 'link' ? (
            <a key={run.start} href={run.href} target="_blank" rel="noopener noreferrer nofollow">
              {run.text}
            </a>
          ) : (
            run.text
          ),
        )}
      </p>
    </article>
  )
}
