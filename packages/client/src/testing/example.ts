import { createLocalMedia, join } from '../index.ts'

const media = createLocalMedia()
await media.start({ camera: true, microphone: true })

// A room of one's own; `{ kind: 'join', code, ifEmpty: 'wait' }` goes to somebody else's.
const call = join({ room: { kind: 'create' }, name: 'Ann', media })

const stop = call.subscribe(() => {
  const { status, code, callers, peers } = call.getSnapshot()
  document.title = status.phase === 'waiting' ? `Waiting under ${code}` : status.phase
  for (const caller of callers) call.accept(caller.id)
  for (const peer of peers) {
    const video = document.querySelector('video')
    if (video !== null && video.srcObject !== peer.camera) video.srcObject = peer.camera
  }
  if (status.phase === 'ended') stop()
})
