import { Popover } from '@base-ui/react/popover'
import type { PeerSnapshot } from '@crowfly/client'
import { copy, shownName, trustWords } from '../copy.ts'
import { useSession } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { callTrust, type Trust } from './claims.ts'
import { TrustSign } from './trust-sign.tsx'
import '../ui/popup.css'
import './protection.css'

const meanings: Readonly<Record<Trust, string>> = {
  pending: copy.trust.pendingMeaning,
  server: copy.trust.serverMeaning,
  code: copy.trust.codeMeaning,
  verified: copy.trust.verifiedMeaning,
}

/** How the call is protected, in a line; pressed, what that rests on, and each person with the emoji to compare. */
export function Protection({
  peers,
  onCompare,
}: {
  peers: readonly PeerSnapshot[]
  onCompare(peer: PeerSnapshot): void
}) {
  const { host } = useSession()
  const trust = callTrust(peers)
  if (trust === null) return null
  return (
    <Popover.Root>
      <Popover.Trigger className="status-button protection" data-trust={trust}>
        <TrustSign trust={trust} />
        <span className="protection-claim">{trustWords(trust)}</span>
        <span className="protection-host">{copy.trust.appFrom(host)}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="popup-positioner" sideOffset={6}>
          <Popover.Popup className="popup status-popup">
            <Popover.Title className="protection-title">
              <TrustSign trust={trust} size={18} />
              {trustWords(trust)}
            </Popover.Title>
            <p className="protection-text">{meanings[trust]}</p>
            <ul className="protection-people">
              {peers.map((peer) => (
                <PersonRow
                  key={peer.id}
                  peer={peer}
                  isLikeAll={peer.trust === 'code' && trust === 'code'}
                  onCompare={onCompare}
                />
              ))}
            </ul>
            <p className="protection-app">{copy.trust.appFrom(host)}</p>
            <p className="protection-text">{copy.trust.appMeaning}</p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

function PersonRow({
  peer,
  isLikeAll,
  onCompare,
}: {
  peer: PeerSnapshot
  /** What holds of the call is said above. */
  isLikeAll: boolean
  onCompare(peer: PeerSnapshot): void
}) {
  const name = shownName(peer.name)
  return (
    <li className="protection-person">
      <div className="protection-person-words">
        <bdi className="protection-person-name">{name}</bdi>
        {!isLikeAll && (
          <span className="protection-person-state" data-trust={peer.trust}>
            <TrustSign trust={peer.trust} size={14} />
            {trustWords(peer.trust)}
          </span>
        )}
      </div>
      {peer.trust !== 'pending' && (
        <Popover.Close
          render={
            <Button
              aria-label={
                peer.trust === 'verified' ? copy.trust.emojiWith(name) : copy.trust.compareWith(name)
              }
              onClick={() => onCompare(peer)}
            />
          }
        >
          {peer.trust === 'verified' ? copy.trust.emoji : copy.trust.compare}
        </Popover.Close>
      )}
    </li>
  )
}
