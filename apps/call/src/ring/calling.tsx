import type { Call } from '@crowfly/client'
import { useSnapshot } from '@crowfly/react'
import { copy } from '../copy.ts'
import { Preview } from '../home/preview.tsx'
import { useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { ScreenTitle } from '../ui/screen-title.tsx'
import './calling.css'

const words = {
  gettingCode: { title: copy.calling.gettingCode, body: '' },
  connecting: { title: copy.calling.connecting, body: copy.calling.connectingBody },
  ringing: { title: copy.calling.ringing, body: copy.calling.ringingBody },
} as const

/** On the way into a call: getting a code, reaching the other side, ringing there. */
export function Calling({ call, stage }: { call: Call; stage: keyof typeof words }) {
  const { media, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  return (
    <main className="calling">
      <div className="calling-state" role="status">
        <CallingFigure isRinging={stage === 'ringing'} />
        <ScreenTitle className="calling-title">{words[stage].title}</ScreenTitle>
        <p className="calling-body">{words[stage].body}</p>
      </div>
      <Preview media={media} snapshot={devices} name={preferences.name} tellsProblem />
      <Button size="large" onClick={() => call.leave()}>
        {copy.calling.cancel}
      </Button>
    </main>
  )
}

/** The mark, with the line on its way. */
function CallingFigure({ isRinging }: { isRinging: boolean }) {
  return (
    <svg
      className="calling-figure"
      data-ringing={isRinging}
      width="120"
      height="40"
      viewBox="0 0 120 40"
      aria-hidden="true"
    >
      <path className="calling-line" d="M20 20H100" />
      <circle className="calling-ring" cx="104" cy="20" r="8" />
      <circle className="calling-near" cx="16" cy="20" r="8" />
      <circle className="calling-far" cx="104" cy="20" r="8" />
    </svg>
  )
}
