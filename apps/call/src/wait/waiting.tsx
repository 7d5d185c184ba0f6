import type { Call, CallSnapshot, ServerStatus } from '@crowfly/client'
import { useSnapshot } from '@crowfly/react'
import { formatNameplate } from '@crowfly/signaling'
import { Share2 } from 'lucide-react'
import { Notices } from '../call/notices.tsx'
import { copy } from '../copy.ts'
import { Preview } from '../home/preview.tsx'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Wordmark } from '../ui/mark.tsx'
import { ScreenTitle } from '../ui/screen-title.tsx'
import { CopyButton } from './copy-button.tsx'
import { NotifyButton } from './notify-button.tsx'
import { QrCode } from './qr-code.tsx'
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
  const { media, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  const lastGone = snapshot.notices.findLast((notice) => notice.kind === 'peerLeft')
  const notices = snapshot.notices.filter(
    (notice) => notice.kind !== 'peerLeft' && notice.kind !== 'peerJoined',
  )
  return (
    <div className="waiting">
      <header className="waiting-head">
        <Wordmark />
        <Button onClick={() => call.leave()}>{copy.wait.cancel}</Button>
      </header>
      <Notices notices={notices} server={snapshot.server} isWaiting />
      <main className="waiting-main">
        <section className="waiting-words">
          <div role="status">
            <ScreenTitle className="waiting-title">{waitingTitle(alone, lastGone?.name ?? '')}</ScreenTitle>
            <p className="waiting-body">{waitingBody(alone, snapshot.server)}</p>
          </div>
          {snapshot.code !== null && <CodeCard code={snapshot.code} />}
          <NotifyButton />
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
function waitingBody(alone: 'first' | 'left', server: ServerStatus): string {
  if (server === 'reconnecting') return copy.wait.lostBody
  return alone === 'first' ? copy.wait.firstBody : copy.wait.leftBody
}

function CodeCard({ code }: { code: string }) {
  const link = useSession().linkTo(code)
  const shown = formatNameplate(code)
  return (
    <div className="code-card">
      <div className="code-card-text">
        <p className="code-card-code code-text" data-testid="code" title={copy.wait.codeLabel}>
          {shown}
        </p>
        <p className="code-card-link code-text">{link.replace(/^https?:\/\//, '')}</p>
        <div className="code-card-actions">
          <CopyButton label={copy.wait.copyLink} text={link} kind="link" isPrimary />
          <CopyButton label={copy.wait.copyCode} text={shown} kind="code" />
          {typeof navigator.share === 'function' && (
            <Button onClick={() => void shareLink(link)}>
              <Share2 size={18} aria-hidden="true" />
              {copy.wait.share}
            </Button>
          )}
        </div>
      </div>
      <figure className="code-card-qr">
        <QrCode text={link} />
        <figcaption>{copy.wait.qrHint}</figcaption>
      </figure>
    </div>
  )
}

async function shareLink(link: string): Promise<void> {
  try {
    await navigator.share({ title: copy.appName, text: copy.wait.shareText, url: link })
  } catch {
    // Closed without choosing where to.
  }
}
