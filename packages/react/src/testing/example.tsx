import { type Call, formatRoomCode, type PeerSnapshot } from '@crowfly/client'
import { useCall, useMediaElement } from '../index.ts'

export function CallView({ call }: { call: Call }) {
  const { status, code, callers, peers } = useCall(call)
  if (status.phase === 'ended') return <p>{status.reason}</p>
  return (
    <main>
      {status.phase === 'waiting' && <p>Your code is {code && formatRoomCode(code)}</p>}
      {callers.map((caller) => (
        <button type="button" key={caller.id} onClick={() => call.accept(caller.id)}>
          Let {caller.name} in
        </button>
      ))}
      {peers.map((peer) => (
        <PeerView key={peer.id} peer={peer} />
      ))}
    </main>
  )
}

function PeerView({ peer }: { peer: PeerSnapshot }) {
  return (
    <figure>
      <video ref={useMediaElement(peer.camera)} autoPlay playsInline muted />
      <audio ref={useMediaElement(peer.audio)} autoPlay>
        <track kind="captions" />
      </audio>
      <figcaption>{peer.name}</figcaption>
    </figure>
  )
}
