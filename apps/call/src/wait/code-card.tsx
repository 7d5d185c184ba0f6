import { formatWordsCode, type RoomCode } from '@crowfly/pairing'
import { Share2 } from 'lucide-react'
import { Fragment } from 'react'
import { copy } from '../copy.ts'
import { useSession } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from './copy-button.tsx'
import { QrCode } from './qr-code.tsx'
import './code-card.css'

/** A code in every form in which it can be handed on: to be read aloud, copied, scanned and shared. */
export function CodeCard({ code }: { code: RoomCode }) {
  const link = useSession().linkTo(code)
  return (
    <div className="code-card">
      <ShownCode code={code} />
      <div className="code-card-text">
        {code.kind === 'words' ? (
          <p className="code-card-link code-text" dir="ltr">
            {link.replace(/^https?:\/\//, '')}
          </p>
        ) : (
          <p className="code-card-secret">
            {code.kind === 'chosen' ? copy.wait.ownSecret : copy.wait.linkOnly}
          </p>
        )}
        <div className="code-card-actions">
          <CopyButton label={copy.wait.copyLink} text={link} kind="link" isPrimary />
          {code.kind === 'words' && (
            <CopyButton label={copy.wait.copyCode} text={formatWordsCode(code)} kind="code" />
          )}
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

/** The number and each word as a chip. What is selected and copied has the hyphens. */
function ShownCode({ code }: { code: RoomCode }) {
  const words = code.kind === 'words' ? code.words : []
  return (
    <p className="shown-code" data-testid="code" title={copy.wait.codeLabel} dir="ltr">
      <bdi className="shown-code-room" data-own={code.kind === 'chosen'}>
        {code.nameplate}
      </bdi>
      {Array.from(words.entries(), ([place, word]) => (
        <Fragment key={place}>
          <span className="shown-code-hyphen">-</span>
          <span className="shown-code-word">{word}</span>
        </Fragment>
      ))}
    </p>
  )
}

async function shareLink(link: string): Promise<void> {
  try {
    await navigator.share({ title: copy.appName, text: copy.wait.shareText, url: link })
  } catch {
    // Closed without choosing where to.
  }
}
