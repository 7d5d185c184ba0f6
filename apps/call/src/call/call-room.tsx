import type { Call } from '@crowfly/client'
import { useSnapshot } from '@crowfly/react'
import type { ReactElement } from 'react'
import { Calling } from '../ring/calling.tsx'
import { Ringing } from '../ring/ringing.tsx'
import { useAttention } from '../ring/use-attention.ts'
import type { RoomChoice } from '../session/screen.ts'
import { Waiting } from '../wait/waiting.tsx'
import { AudioOutlet } from './audio-outlet.tsx'
import { InCall } from './in-call.tsx'

/** One call, from the press of the button to its end, in whatever phase it is. */
export function CallRoom({ call, room }: { call: Call; room: RoomChoice }) {
  const snapshot = useSnapshot(call)
  useAttention(snapshot)
  return (
    <>
      <CallPhase call={call} room={room} />
      <AudioOutlet peers={snapshot.peers} />
    </>
  )
}

function CallPhase({ call, room }: { call: Call; room: RoomChoice }): ReactElement | null {
  const snapshot = useSnapshot(call)
  switch (snapshot.status.phase) {
    case 'connecting':
      return <Calling stage={room.kind === 'create' ? 'gettingCode' : 'connecting'} call={call} />
    case 'waiting':
      return snapshot.callers.length > 0 ? (
        <Ringing call={call} callers={snapshot.callers} />
      ) : (
        <Waiting call={call} snapshot={snapshot} alone={snapshot.status.alone} />
      )
    case 'calling':
      return <Calling stage={snapshot.status.ringing ? 'ringing' : 'connecting'} call={call} />
    case 'inCall':
      return <InCall call={call} snapshot={snapshot} sinceMs={snapshot.status.sinceMs} />
    case 'ended':
      return null
  }
}
