import type { RoomCode } from '@crowfly/pairing'
import { formatSpokenCode } from '@crowfly/pairing'
import { KeyRound } from 'lucide-react'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { codeProblemWords, copy } from '../copy.ts'
import type { Arrival } from '../session/arrival.ts'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { codeEntryHint, readCodeEntry, tidyCodeEntry } from './code-entry.ts'
import { CodeField } from './code-field.tsx'
import { OwnRoomForm } from './own-room-form.tsx'
import './code-form.css'

/** A code that is still being typed is looked up no sooner. */
const settleMs = 300

/** Which of the ways to a room shows. */
type Way =
  | { readonly by: 'code'; readonly isChosen: boolean }
  | { readonly by: 'own' }
  /** A secret that no field shows: it came with a link. */
  | { readonly by: 'link'; readonly code: RoomCode }

/** The ways to a room that exists: a code, one's own name and secret, or the link that brought one here. */
export function CodeForm({ arrival }: { arrival: Arrival }) {
  const [way, setWay] = useState<Way>(() => wayOf(arrival))
  if (way.by === 'link')
    return <LinkedRoom code={way.code} onOther={() => setWay({ by: 'code', isChosen: true })} />
  if (way.by === 'own')
    return <OwnRoomForm arrival={arrival} onOther={() => setWay({ by: 'code', isChosen: true })} />
  return (
    <WordsForm
      arrival={way.isChosen ? { kind: 'none' } : arrival}
      takesFocus={way.isChosen}
      onSecret={(code) => setWay({ by: 'link', code })}
      onOwn={() => setWay({ by: 'own' })}
    />
  )
}

function wayOf(arrival: Arrival): Way {
  if (arrival.kind === 'code' && arrival.code.kind !== 'words') return { by: 'link', code: arrival.code }
  const isOwn = arrival.kind === 'broken' && isOwnRoom(arrival)
  return isOwn ? { by: 'own' } : { by: 'code', isChosen: false }
}

/** Whether a link is of a room with a name of its own, of which only the secret is missing. */
function isOwnRoom({ room, problem }: Extract<Arrival, { kind: 'broken' }>): boolean {
  return !/^[0-9]*$/.test(room) && problem.problem !== 'badNameplate'
}

/** The code and Connect; pressing it early says what is missing. */
function WordsForm({
  arrival,
  takesFocus,
  onSecret,
  onOwn,
}: {
  arrival: Arrival
  takesFocus: boolean
  onSecret(code: RoomCode): void
  onOwn(): void
}) {
  const session = useSession()
  const { isBeginning } = useSessionSnapshot()
  const [typed, setTyped] = useState(() => ({ text: textOf(arrival), caret: -1, isFromLink: true }))
  const [isPressed, setPressed] = useState(false)
  const { text, caret } = typed
  const entry = useMemo(() => readCodeEntry(text, caret), [text, caret])
  useLook(entry.code, typed.isFromLink)
  const change = (changed: string, at: number) => {
    setPressed(false)
    const { code } = readCodeEntry(changed)
    if (code !== null && code.kind !== 'words') onSecret(code)
    // Of a link that was pasted the code is shown; what one types stays as it is.
    else
      setTyped({
        text: changed.includes('/') ? tidyCodeEntry(changed) : changed,
        caret: at,
        isFromLink: false,
      })
  }
  const connect = (event: FormEvent) => {
    event.preventDefault()
    if (entry.code !== null) void session.begin({ kind: 'join', code: entry.code, ifEmpty: 'refuse' })
    else setPressed(true)
  }
  const linkHint =
    typed.isFromLink && arrival.kind === 'broken' ? codeProblemWords(arrival.problem, 'link') : ''
  const isInvited = arrival.kind === 'code'
  return (
    <form className="home-code" onSubmit={connect}>
      <CodeField
        text={text}
        caret={caret}
        entry={entry}
        hint={linkHint === '' ? codeEntryHint(entry, text, isPressed) : linkHint}
        isWrong={linkHint !== '' || entry.state === 'wrong' || (isPressed && entry.state !== 'complete')}
        takesFocus={takesFocus || (isPressed && entry.state !== 'complete')}
        onText={change}
        onCaret={(at) => setTyped((last) => ({ ...last, caret: at }))}
        onSettled={() => setTyped((last) => ({ ...last, text: tidyCodeEntry(last.text), caret: -1 }))}
      />
      <Button
        type="submit"
        tone={entry.state === 'complete' ? 'primary' : 'plain'}
        size={isInvited ? 'large' : 'medium'}
        disabled={isBeginning}
      >
        {copy.home.connect}
      </Button>
      {!isInvited && (
        <Button tone="quiet" onClick={onOwn}>
          {copy.code.useOwn}
        </Button>
      )}
    </form>
  )
}

/** The room of a link whose secret nobody reads or types. */
function LinkedRoom({ code, onOther }: { code: RoomCode; onOther(): void }) {
  const session = useSession()
  const { isBeginning } = useSessionSnapshot()
  useLook(code, true)
  const connect = (event: FormEvent) => {
    event.preventDefault()
    void session.begin({ kind: 'join', code, ifEmpty: 'wait' })
  }
  return (
    <form className="home-code" onSubmit={connect}>
      <div className="linked-room">
        <KeyRound size={20} aria-hidden="true" />
        <div>
          <p className="linked-room-name">
            <bdi>{copy.code.room(code.nameplate)}</bdi>
          </p>
          <p className="linked-room-secret">{copy.code.secretInLink}</p>
        </div>
      </div>
      <Button type="submit" tone="primary" size="large" disabled={isBeginning}>
        {copy.home.connect}
      </Button>
      <Button tone="quiet" onClick={onOther}>
        {copy.code.another}
      </Button>
    </form>
  )
}

function textOf(arrival: Arrival): string {
  if (arrival.kind === 'code') return arrival.code.kind === 'words' ? formatSpokenCode(arrival.code) : ''
  if (arrival.kind === 'none') return ''
  return arrival.words === '' ? arrival.room.slice(0, 64) : `${arrival.room} ${arrival.words}`
}

/** Looks at the room of a code as soon as it is known: one out of a link at once, a typed one when it stays. */
function useLook(code: RoomCode | null, isFromLink: boolean): void {
  const session = useSession()
  useEffect(() => {
    const timer = setTimeout(() => session.prepare(code), isFromLink ? 0 : settleMs)
    return () => clearTimeout(timer)
  }, [session, code, isFromLink])
}
