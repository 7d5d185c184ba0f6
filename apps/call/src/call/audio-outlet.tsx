import type { PeerSnapshot } from '@crowfly/client'
import { useSnapshot } from '@crowfly/react'
import { Volume2 } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { copy } from '../copy.ts'
import { useSessionSnapshot } from '../session/session-context.ts'
import { routeToSpeaker } from '../sound/speaker.ts'
import { Button } from '../ui/button.tsx'
import './audio-outlet.css'

/** Plays everybody's sound on the chosen speaker, and asks for a press where the browser wants one first. */
export function AudioOutlet({ peers }: { peers: readonly PeerSnapshot[] }) {
  const { media } = useSessionSnapshot()
  const { speakerId } = useSnapshot(media)
  const outlet = useRef<HTMLDivElement>(null)
  const [isBlocked, setBlocked] = useState(false)
  const block = useCallback(() => setBlocked(true), [])
  const playAll = () => {
    setBlocked(false)
    for (const element of outlet.current?.querySelectorAll('audio') ?? []) play(element, block)
  }
  return (
    <div ref={outlet}>
      {peers.map((peer) => (
        <PeerAudio key={peer.id} peer={peer} speakerId={speakerId} onBlocked={block} />
      ))}
      {isBlocked && (
        <div className="audio-blocked" role="alert">
          <Button tone="primary" size="large" onClick={playAll}>
            <Volume2 size={22} aria-hidden="true" />
            {copy.call.tapToHear}
          </Button>
          <p>{copy.call.tapBody}</p>
        </div>
      )}
    </div>
  )
}

function play(element: HTMLAudioElement, onBlocked: () => void): void {
  element.play().catch((error: unknown) => {
    // Any other refusal means that the stream was taken away again before it began.
    if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked()
  })
}

function PeerAudio({
  peer,
  speakerId,
  onBlocked,
}: {
  peer: PeerSnapshot
  speakerId: string | null
  onBlocked(): void
}) {
  const place = useRef<HTMLDivElement>(null)
  const [audio, setAudio] = useState<HTMLAudioElement | null>(null)
  useEffect(() => {
    const element = new Audio()
    element.dataset['testid'] = `audio-${peer.id}`
    element.autoplay = true
    element.srcObject = peer.audio
    place.current?.append(element)
    play(element, onBlocked)
    setAudio(element)
    return () => {
      element.srcObject = null
      element.remove()
    }
  }, [peer.id, peer.audio, onBlocked])
  useEffect(() => {
    if (audio !== null) routeToSpeaker(audio, speakerId)
  }, [audio, speakerId])
  return <div ref={place} />
}
