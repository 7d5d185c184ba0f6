import { parseChosenCode } from '@crowfly/pairing'
import { type FormEvent, useState } from 'react'
import { codeProblemWords, copy } from '../copy.ts'
import type { Arrival } from '../session/arrival.ts'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'
import { ownRoomHints } from './own-room.ts'

/** A room by a name and a secret that people agreed on. */
export function OwnRoomForm({ arrival, onOther }: { arrival: Arrival; onOther(): void }) {
  const session = useSession()
  const { isBeginning } = useSessionSnapshot()
  const [name, setName] = useState(arrival.kind === 'broken' ? arrival.room.slice(0, 64) : '')
  const [secret, setSecret] = useState('')
  const [isPressed, setPressed] = useState(false)
  const code = parseChosenCode(name, secret)
  const hints = ownRoomHints(name, secret, isPressed)
  const linkHint = arrival.kind === 'broken' && secret === '' ? codeProblemWords(arrival.problem, 'own') : ''
  const enter = (event: FormEvent) => {
    event.preventDefault()
    if ('problem' in code) setPressed(true)
    else void session.begin({ kind: 'join', code, ifEmpty: 'wait' })
  }
  return (
    <form className="own-room" onSubmit={enter}>
      <TextField
        label={copy.own.name}
        placeholder={copy.own.namePlaceholder}
        value={name}
        hint={hints.name}
        isWrong={hints.name !== ''}
        maxLength={128}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="auto"
        enterKeyHint="next"
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={copy.own.secret}
        value={secret}
        hint={hints.secret === '' ? linkHint : hints.secret}
        isWrong={hints.secret !== ''}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        dir="auto"
        enterKeyHint="go"
        onChange={(event) => setSecret(event.target.value)}
      />
      <p className="own-room-weaker">{copy.own.weaker}</p>
      <Button type="submit" tone={'problem' in code ? 'plain' : 'primary'} disabled={isBeginning}>
        {copy.own.enter}
      </Button>
      <Button tone="quiet" onClick={onOther}>
        {copy.code.useCode}
      </Button>
    </form>
  )
}
