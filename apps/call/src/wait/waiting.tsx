import type { Call, CallSnapshot } from '@crowfly/client'
import { useSnapshot } from '@crowfly/react'
import { Notices } from '../call/notices.tsx'
import { copy } from '../copy.ts'
import { Preview } from '../home/preview.tsx'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Wordmark } from '../ui/mark.tsx'
import { ScreenTitle } from '../ui/screen-title.tsx'
import { CodeCard } from './code-card.tsx'
import { NotifyButton } from './notify-button.tsx'
import './waiting.css'

/** Alone under a code: the code in every form in which it can be handed on. */
export function Waiting({
  call,
  snapshot,
  alone,
}: {
  call: Call
  snapshot: CallSnapshot
  alone: 'first' | 'left'
}) {
  const session = useSession()
  const { media, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  const lastGone = snapshot.notices.findLast((notice) => notice.kind === 'peerLeft')
  const notices = snapshot.notices.filter(
    (notice) => notice.kind !== 'peerLeft' && notice.kind !== 'peerJoined',
  )
  const isClosed = snapshot.guessing === 'closed'
  return (
    <div className="waiting">
      <header className="waiting-head">
        <Wordmark />
        <Button onClick={() => call.leave()}>{copy.wait.cancel}</Button>
      </header>
      <Notices notices={notices} server={snapshot.server} guessing={snapshot.guessing} isWaiting />
      <main className="waiting-main">
        <section className="waiting-words">
          <div role="status">
            <ScreenTitle className="waiting-title">
              {isClosed ? copy.wait.closed : waitingTitle(alone, lastGone?.name ?? '')}
            </ScreenTitle>
            <p className="waiting-body">{isClosed ? copy.wait.closedBody : waitingBody(alone, snapshot)}</p>
          </div>
          {isClosed ? (
            <Button tone="primary" size="large" onClick={() => session.startOver()}>
              {copy.wait.newCode}
            </Button>
          ) : (
            <>
              {snapshot.code !== null && <CodeCard code={snapshot.code} />}
              <NotifyButton />
            </>
          )}
        </section>
        <Preview media={media} snapshot={devices} name={preferences.name} tellsProblem />
      </main>
    </div>
  )
}

function waitingTitle(alone: 'first' | 'left', lastName: string): string {
  if (alone === 'first') return copy.wait.first
  return lastName.trim() === '' ? copy.wait.left : copy.wait.leftNamed(lastName.trim())
}

/** Without the server nobody can ring here. */
function waitingBody(alone: 'first' | 'left', { server, code }: CallSnapshot): string {
  if (server === 'reconnecting') return copy.wait.lostBody
  if (alone === 'left') return copy.wait.leftBody
  return code?.kind === 'chosen' ? copy.wait.ownBody : copy.wait.firstBody
}
