import type { CallNotice, CallSnapshot, ServerStatus } from '@crowfly/client'
import { MonitorUp, ShieldAlert, WifiOff, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { copy, noticeWords } from '../copy.ts'
import './notices.css'

/** How long the line for an event stays; one that asks for something is longer to read. */
const shownMs = 5000
const shownLongMs = 15_000

function shownFor({ kind }: CallNotice): number {
  return kind === 'peerUnproven' || kind === 'memberHidden' ? shownLongMs : shownMs
}

/** The notices that still show at `nowMs`, and when the next of them goes. */
export function recentNotices(
  notices: readonly CallNotice[],
  nowMs: number,
): { readonly recent: readonly CallNotice[]; readonly nextMs: number } {
  const recent = notices.filter(
    (notice) =>
      nowMs - notice.atMs < shownFor(notice) &&
      notice.kind !== 'serverLost' &&
      notice.kind !== 'serverStopping',
  )
  const nextMs = Math.min(...recent.map((notice) => notice.atMs + shownFor(notice)))
  return { recent: recent.slice(-3), nextMs }
}

/** The line that lasts while the server is away. Whether a server that said so stops for good is not known. */
export function lostServerWords(notices: readonly CallNotice[], isWaiting: boolean): string | null {
  const last = notices.findLast((notice) => notice.kind === 'serverStopping' || notice.kind === 'serverBack')
  const kind = last?.kind === 'serverStopping' ? 'serverStopping' : 'serverLost'
  if (!isWaiting) return noticeWords({ kind, name: '' })
  return kind === 'serverStopping' ? copy.call.serverStoppedWaiting : copy.call.serverLostWaiting
}

/** Lines for what happened and for what lasts, read out as they come. */
export function Notices({
  notices,
  server,
  guessing,
  isWaiting = false,
  onNewCode,
  isSharing = false,
  flash = null,
}: {
  notices: readonly CallNotice[]
  server: ServerStatus
  guessing: CallSnapshot['guessing']
  /** Nobody is here, so that there is no call that goes on without the server. */
  isWaiting?: boolean
  /** What to do when nobody new is let in any more. */
  onNewCode?: (() => void) | undefined
  isSharing?: boolean
  /** A line for something that the person just did. */
  flash?: string | null
}) {
  const [nowMs, setNowMs] = useState(() => Date.now())
  const { recent, nextMs } = recentNotices(notices, Math.max(nowMs, notices.at(-1)?.atMs ?? 0))
  useEffect(() => {
    if (!Number.isFinite(nextMs)) return
    const timer = setTimeout(() => setNowMs(Date.now()), Math.max(0, nextMs - Date.now()) + 20)
    return () => clearTimeout(timer)
  }, [nextMs])
  return (
    <div className="notices" role="status" aria-label={copy.call.notices}>
      {server === 'reconnecting' && (
        <p className="notice notice-lasting">
          <WifiOff size={16} aria-hidden="true" />
          {lostServerWords(notices, isWaiting)}
        </p>
      )}
      <GuessNotice guessing={guessing} isWaiting={isWaiting} onNewCode={onNewCode} />
      {isSharing && (
        <p className="notice notice-lasting">
          <MonitorUp size={16} aria-hidden="true" />
          {copy.call.sharing}
        </p>
      )}
      {flash !== null && <p className="notice">{flash}</p>}
      {recent.map((notice) => (
        <p key={notice.id} className="notice">
          {noticeWords(notice)}
        </p>
      ))}
    </div>
  )
}

/** Somebody tries codes, or tried so many that nobody new is let in: until one has read it. */
function GuessNotice({
  guessing,
  isWaiting,
  onNewCode,
}: {
  guessing: CallSnapshot['guessing']
  isWaiting: boolean
  onNewCode: (() => void) | undefined
}) {
  const [read, setRead] = useState<CallSnapshot['guessing']>('none')
  // Who waits sees in large that the code is closed.
  if (guessing === read || guessing === 'none' || (guessing === 'closed' && isWaiting)) return null
  return (
    <div className="notice notice-lasting">
      <ShieldAlert size={16} aria-hidden="true" />
      <p>{guessing === 'closed' ? copy.trust.closed : copy.trust.guessing}</p>
      {guessing === 'closed' && (
        <button type="button" className="notice-action" onClick={onNewCode}>
          {copy.trust.newCode}
        </button>
      )}
      <button
        type="button"
        className="notice-close"
        aria-label={copy.trust.hideNotice}
        onClick={() => setRead(guessing)}
      >
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  )
}
