import { type KeyboardEvent, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { copy } from '../copy.ts'
import { type CodeEntry, type CodePart, takeWord, type WordOffer } from './code-entry.ts'
import '../ui/text-field.css'
import './code-field.css'

/** More than fit at the size of a usual code. */
const manyLetters = 30

/**
 * The field for a code: one line of text, under whose number and words their chips are drawn, with words to choose from
 * while one types. The text itself is left alone, so that keyboards that guess, dictation and undo work as ever.
 */
export function CodeField({
  text,
  caret,
  entry,
  hint,
  isWrong,
  takesFocus = false,
  onText,
  onCaret,
  onSettled,
}: {
  text: string
  /** Where one types; -1 while nobody does. */
  caret: number
  /** `text` read at `caret`. */
  entry: CodeEntry
  hint: string
  isWrong: boolean
  takesFocus?: boolean
  onText(text: string, caret: number): void
  onCaret(caret: number): void
  /** Nobody types any more. */
  onSettled(): void
}) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const choice = useChoice(text, entry, caret >= 0)
  const paint = usePaint(field)
  useEffect(() => {
    if (takesFocus) field.current?.focus({ preventScroll: true })
  }, [takesFocus])
  const place = useCaretPlace(field)
  const { offer } = choice
  const take = (word: string) => {
    if (offer === null) return
    const taken = takeWord(text, offer, word)
    place(taken.caret)
    onText(taken.text, taken.caret)
    field.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    const word = choice.press(event)
    if (word === null) return
    event.preventDefault()
    if (word !== '') take(word)
  }
  return (
    <div className="text-field code-field">
      <label className="text-field-label" htmlFor={id}>
        {copy.home.code}
      </label>
      <div className="code-field-box" data-wrong={isWrong} data-long={text.length > manyLetters} dir="ltr">
        <div className="code-field-paint" ref={paint} aria-hidden="true">
          <PaintedText text={text} parts={entry.parts} />
        </div>
        <input
          className="code-field-input"
          id={id}
          ref={field}
          role="combobox"
          aria-expanded={offer !== null}
          aria-controls={`${id}-words`}
          aria-autocomplete="list"
          aria-activedescendant={offer === null ? undefined : `${id}-word-${choice.at}`}
          aria-invalid={isWrong}
          aria-describedby={`${id}-hint`}
          placeholder={copy.home.codePlaceholder}
          value={text}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="go"
          onChange={({ target }) => onText(target.value, target.selectionStart ?? target.value.length)}
          onSelect={({ currentTarget }) => onCaret(currentTarget.selectionStart ?? text.length)}
          onBlur={onSettled}
          onKeyDown={press}
        />
      </div>
      <WordList id={id} text={text} offer={offer} at={choice.at} onTake={take} />
      <p className="text-field-hint" id={`${id}-hint`} role="status" data-wrong={isWrong}>
        {hint}
      </p>
    </div>
  )
}

/** Which of the offered words is marked; nothing is offered once Escape was pressed, until the text changes. */
function useChoice(text: string, entry: CodeEntry, isTyping: boolean) {
  const [marked, setMarked] = useState({ text, at: 0 })
  const [dismissed, setDismissed] = useState<string | null>(null)
  const at = marked.text === text ? marked.at : 0
  const isOpen = entry.offer !== null && dismissed !== text && (isTyping || entry.offer.isCorrection)
  const offer = isOpen ? entry.offer : null
  const move = (step: number, count: number) => setMarked({ text, at: (at + step + count) % count })
  return {
    offer,
    at,
    /** The word that a key takes; empty when it only moves the mark, null when it is none of this field's. */
    press(event: KeyboardEvent): string | null {
      if (offer === null || event.nativeEvent.isComposing) return null
      switch (event.key) {
        case 'ArrowDown':
          move(1, offer.words.length)
          return ''
        case 'ArrowUp':
          move(-1, offer.words.length)
          return ''
        case 'Escape':
          setDismissed(text)
          return ''
        case 'Enter':
          return offer.words[at] ?? null
        case 'Tab':
          return event.shiftKey ? null : (offer.words[at] ?? null)
        default:
          return null
      }
    },
  }
}

/** Lets the chips follow a text that is longer than the field. */
function usePaint(field: { current: HTMLInputElement | null }) {
  const paint = useRef<HTMLDivElement>(null)
  const follow = useCallback(() => {
    paint.current?.scrollTo({ left: field.current?.scrollLeft ?? 0, behavior: 'instant' })
  }, [field])
  // After each change: a text that has grown has moved.
  useLayoutEffect(follow)
  useLayoutEffect(() => {
    const input = field.current
    input?.addEventListener('scroll', follow)
    return () => input?.removeEventListener('scroll', follow)
  }, [field, follow])
  return paint
}

/** Puts the caret somewhere once the field has its next text. */
function useCaretPlace(field: { current: HTMLInputElement | null }): (caret: number) => void {
  const next = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (next.current === null) return
    field.current?.setSelectionRange(next.current, next.current)
    next.current = null
  })
  return (caret) => {
    next.current = caret
  }
}

function PaintedText({ text, parts }: { text: string; parts: readonly CodePart[] }) {
  return parts.map((part, index) => (
    <span key={part.start}>
      {text.slice(parts[index - 1]?.end ?? 0, part.start)}
      <span className="code-field-part" data-kind={part.kind}>
        {text.slice(part.start, part.end)}
      </span>
    </span>
  ))
}

/** The offered words, each large enough for a finger. A press does not take the focus from the field. */
function WordList({
  id,
  text,
  offer,
  at,
  onTake,
}: {
  id: string
  text: string
  offer: WordOffer | null
  at: number
  onTake(word: string): void
}) {
  const list = useRef<HTMLDivElement>(null)
  const isShown = offer !== null
  useEffect(() => {
    if (isShown) list.current?.scrollIntoView({ block: 'nearest', behavior: 'instant' })
  }, [isShown])
  const typed = offer === null ? '' : text.slice(offer.start, offer.end).toLowerCase()
  return (
    <div
      className="code-words"
      ref={list}
      id={`${id}-words`}
      role="listbox"
      aria-label={copy.code.suggestions}
      hidden={offer === null}
      data-correction={offer?.isCorrection === true}
      dir="ltr"
    >
      {offer?.words.map((word, index) => (
        <button
          key={word}
          type="button"
          role="option"
          className="code-word"
          id={`${id}-word-${index}`}
          aria-selected={index === at}
          tabIndex={-1}
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(word)}
        >
          {word.startsWith(typed) ? (
            <>
              <b>{typed}</b>
              {word.slice(typed.length)}
            </>
          ) : (
            word
          )}
        </button>
      ))}
    </div>
  )
}
