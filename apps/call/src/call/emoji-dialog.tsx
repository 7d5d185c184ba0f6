import type { Call, PeerSnapshot } from '@crowfly/client'
import { useState } from 'react'
import { copy, shownName } from '../copy.ts'
import { useSession } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Modal } from '../ui/modal.tsx'
import { TrustSign } from './trust-sign.tsx'
import './emoji-dialog.css'

/** The seven emoji with one person, to be compared aloud, and what to do when they match and when they differ. */
export function EmojiDialog({
  call,
  peer,
  isOpen,
  onClose,
}: {
  call: Call
  peer: PeerSnapshot
  isOpen: boolean
  onClose(): void
}) {
  const session = useSession()
  const [isDifferent, setDifferent] = useState(false)
  const name = shownName(peer.name)
  const isPending = peer.trust === 'pending'
  return (
    <Modal
      title={isDifferent ? copy.trust.differTitle : copy.trust.emojiWith(name)}
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      {isDifferent ? (
        <div className="emoji-dialog">
          <p role="alert">{copy.trust.differBody(name)}</p>
          <div className="emoji-dialog-actions">
            <Button tone="bad" onClick={() => session.startOver()}>
              {copy.trust.hangUpNewCode}
            </Button>
            <Button onClick={() => setDifferent(false)}>{copy.trust.compareAgain}</Button>
          </div>
        </div>
      ) : isPending ? (
        <p>{copy.trust.notYet(name)}</p>
      ) : (
        <div className="emoji-dialog">
          <p>{copy.trust.aloud(name)}</p>
          <ol className="emoji-row" aria-label={copy.trust.emojiWith(name)}>
            {Array.from(peer.emoji.entries(), ([place, { symbol, name: word }]) => (
              <li className="emoji" key={place}>
                <span className="emoji-symbol" aria-hidden="true">
                  {symbol}
                </span>
                <span className="emoji-name">{word}</span>
              </li>
            ))}
          </ol>
          <p className="emoji-dialog-why">{copy.trust.protects}</p>
          {peer.trust === 'verified' ? (
            <div className="emoji-dialog-actions">
              <p className="emoji-dialog-verified">
                <TrustSign trust="verified" size={18} />
                {copy.trust.verified(name)}
              </p>
              <Button onClick={() => call.setVerified(peer.id, false)}>{copy.trust.unmark}</Button>
            </div>
          ) : (
            <div className="emoji-dialog-actions">
              <Button
                tone="primary"
                onClick={() => {
                  call.setVerified(peer.id, true)
                  onClose()
                }}
              >
                {copy.trust.match}
              </Button>
              <Button onClick={() => setDifferent(true)}>{copy.trust.differ}</Button>
            </div>
          )}
        </div>
      )}
    </Modal>
  )
}
