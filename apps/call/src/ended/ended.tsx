import { formatRoomCode } from '@crowfly/pairing'
import { useEffect, useState } from 'react'
import { formatClock, formatDuration } from '../call/duration.ts'
import { copy, type EndAction, endActionLabel, wordsOfEnd } from '../copy.ts'
import type { EndedScreen, RoomChoice } from '../session/screen.ts'
import type { Session } from '../session/session.ts'
import { useSession } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { ScreenTitle } from '../ui/screen-title.tsx'
import { EndFigure } from './end-figure.tsx'
import './ended.css'

/** The end of a call, or of the try to begin one: what happened, what it means, what to do. */
export function Ended({ screen }: { screen: EndedScreen }) {
  const session = useSession()
  const words = wordsOfEnd(screen.reason, screen.room.kind)
  const remainingMs = useRemaining(screen.retryAtMs)
  return (
    <main className="ended">
      <EndFigure reason={screen.reason} />
      <div className="ended-words">
        <ScreenTitle className="ended-title">{words.title}</ScreenTitle>
        {screen.code !== null && screen.reason !== 'left' && (
          <p className="ended-code code-text">{formatRoomCode(screen.code)}</p>
        )}
        <p className="ended-body">
          {screen.talkedMs !== null && `${copy.ended.lasted(formatDuration(screen.talkedMs))} `}
          {words.body}
        </p>
      </div>
      {screen.retryAtMs !== null && (
        <p className="ended-wait tabular">
          {remainingMs > 0 ? copy.ended.again(formatClock(remainingMs)) : copy.ended.againNow}
        </p>
      )}
      <div className="ended-actions">
        {words.actions.map((action, index) => (
          <Button
            key={action}
            tone={index === 0 ? 'primary' : 'plain'}
            disabled={remainingMs > 0 && action === 'tryAgain'}
            onClick={() => perform(action, session, screen)}
          >
            {endActionLabel[action]}
          </Button>
        ))}
      </div>
    </main>
  )
}

/** Milliseconds until `atMs`, counted down by the second; 0 when it has passed or is null. */
function useRemaining(atMs: number | null): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  const remainingMs = atMs === null ? 0 : Math.max(0, atMs - nowMs)
  const isRunning = remainingMs > 0
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setNowMs(Date.now()), 500)
    return () => clearInterval(timer)
  }, [isRunning])
  return remainingMs
}

/** The room of the next try: the same code where there is one. */
export function roomForAgain(screen: EndedScreen, ifEmpty: 'refuse' | 'wait'): RoomChoice {
  return screen.code === null ? screen.room : { kind: 'join', code: screen.code, ifEmpty }
}

function perform(action: EndAction, session: Session, screen: EndedScreen): void {
  switch (action) {
    case 'callAgain':
      // After a conversation the others may be on their way back: wait for them.
      void session.begin(roomForAgain(screen, screen.reason === 'left' ? 'wait' : 'refuse'))
      break
    case 'tryAgain':
      void session.begin(screen.room)
      break
    case 'waitHere':
      void session.begin(roomForAgain(screen, 'wait'))
      break
    case 'newCall':
      void session.begin({ kind: 'create' })
      break
    case 'changeCode':
      session.goHome(screen.code)
      break
    case 'otherCode':
    case 'home':
      session.goHome()
      break
    case 'reload':
      location.reload()
      break
  }
}
