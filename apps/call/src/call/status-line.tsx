import { Popover } from '@base-ui/react/popover'
import type { CallSnapshot, PeerSnapshot } from '@crowfly/client'
import { Users } from 'lucide-react'
import { useEffect, useState } from 'react'
import { copy, pathMeaning, peopleWords, shownName } from '../copy.ts'
import { formatClock } from './duration.ts'
import { PathFigure } from './path-figure.tsx'
import { pathOf, worstPath } from './path-summary.ts'
import { Protection } from './protection.tsx'
import '../ui/popup.css'
import './status-line.css'

/** Room, time, path, protection and people, above the call. The words of the code are not for a screen that is shared. */
export function StatusLine({
  snapshot,
  sinceMs,
  onCompare,
}: {
  snapshot: CallSnapshot
  sinceMs: number
  onCompare(peer: PeerSnapshot): void
}) {
  const worst = worstPath(snapshot.peers.map(pathOf))
  return (
    <section className="status-line" data-keep aria-label={copy.call.status}>
      {snapshot.code !== null && (
        <bdi className="status-code code-text" data-testid="room">
          {snapshot.code.nameplate}
        </bdi>
      )}
      <Clock sinceMs={sinceMs} />
      {worst !== null && (
        <Popover.Root>
          <Popover.Trigger className="status-button">
            <span className="sr-only">{copy.call.connection}</span>
            <PathFigure state={worst.state} />
            <span className="status-path-words">{worst.words}</span>
            {worst.rttMs !== null && <span className="tabular">{Math.round(worst.rttMs)} ms</span>}
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Positioner className="popup-positioner" sideOffset={6}>
              <Popover.Popup className="popup status-popup">
                <Popover.Title className="status-popup-title">{copy.call.connection}</Popover.Title>
                <ul className="status-peers">
                  {snapshot.peers.map((peer) => (
                    <PeerRow key={peer.id} peer={peer} />
                  ))}
                </ul>
              </Popover.Popup>
            </Popover.Positioner>
          </Popover.Portal>
        </Popover.Root>
      )}
      <Protection peers={snapshot.peers} onCompare={onCompare} />
      <span className="status-people">
        <Users size={16} aria-hidden="true" />
        <span className="tabular" aria-hidden="true">
          {snapshot.peers.length + 1}
        </span>
        <span className="sr-only">{peopleWords(snapshot.peers.length + 1)}</span>
      </span>
    </section>
  )
}

function Clock({ sinceMs }: { sinceMs: number }) {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return <span className="status-clock tabular">{formatClock(nowMs - sinceMs)}</span>
}

function PeerRow({ peer }: { peer: PeerSnapshot }) {
  const path = pathOf(peer)
  const rate = path.rttMs === null ? '' : `, ${Math.round(path.rttMs)} ms`
  return (
    <li className="status-peer">
      <PathFigure state={path.state} />
      <bdi className="status-peer-name">{shownName(peer.name)}</bdi>
      <span className="status-peer-path tabular">{`${path.words}${rate}`}</span>
      {peer.path !== null && peer.connection === 'connected' && (
        <span className="status-peer-meaning">{pathMeaning(peer.path)}</span>
      )}
      {peer.connection === 'failed' && <span className="status-peer-meaning">{copy.call.failedMeaning}</span>}
      {peer.isAway && <span className="status-peer-meaning">{copy.call.away}</span>}
    </li>
  )
}
