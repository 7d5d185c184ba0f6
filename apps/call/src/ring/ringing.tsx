import type { Call, CallerSnapshot } from '@crowfly/client'
import { useSnapshot } from '@crowfly/react'
import { Phone, PhoneOff } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import { copy } from '../copy.ts'
import { initials } from '../home/initials.ts'
import { Preview } from '../home/preview.tsx'
import { useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import './ringing.css'

/** Somebody calls: who it is, oneself as they would see one, Accept and Decline. */
export function Ringing({ call, callers }: { call: Call; callers: readonly CallerSnapshot[] }) {
  const { media, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  const isHeard = devices.microphone.state === 'on'
  return (
    <main className="ringing">
      <div className="ringing-callers">
        {callers.map((caller) => (
          <CallerCard key={caller.id} call={call} caller={caller} />
        ))}
      </div>
      <div className="ringing-self">
        <Preview media={media} snapshot={devices} name={preferences.name} tellsProblem />
        <p className="ringing-hint">{isHeard ? copy.ring.seenBy : copy.ring.seenByMuted}</p>
      </div>
    </main>
  )
}

/** One caller with the answer to give. Takes the focus, but not on a button: a key pressed just then must not answer. */
export function CallerCard({
  call,
  caller,
  isCompact = false,
}: {
  call: Call
  caller: CallerSnapshot
  isCompact?: boolean
}) {
  const id = useId()
  const card = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isCompact) card.current?.focus()
  }, [isCompact])
  return (
    <div
      className="caller"
      data-compact={isCompact}
      ref={card}
      role="alertdialog"
      aria-labelledby={id}
      aria-live="assertive"
      tabIndex={-1}
    >
      <span className="caller-face" aria-hidden="true">
        <span className="avatar avatar-large">{caller.name.trim() === '' ? '?' : initials(caller.name)}</span>
      </span>
      <div>
        <h1 className="caller-name" id={id}>
          {copy.ring.calling(caller.name)}
        </h1>
        {caller.name.trim() === '' && <p className="caller-nameless">{copy.ring.nameless}</p>}
      </div>
      <div className="caller-actions">
        <Button tone="bad" size={isCompact ? 'medium' : 'large'} onClick={() => call.decline(caller.id)}>
          <PhoneOff size={20} aria-hidden="true" />
          {copy.ring.decline}
        </Button>
        <Button tone="good" size={isCompact ? 'medium' : 'large'} onClick={() => call.accept(caller.id)}>
          <Phone size={20} aria-hidden="true" />
          {copy.ring.accept}
        </Button>
      </div>
    </div>
  )
}
