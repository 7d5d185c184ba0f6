import { createLocalMedia, formatRoomCode, join } from '../index.ts'

const media = createLocalMedia()
await media.start({ camera: true, microphone: true })

// `server` is where `crowfly serve` runs; without it, the page's own origin. A room of one's own; `{ kind: 'join', code, ifEmpty: 'wait' }` goes to somebody else's, with what `parseRoomCode` makes of a text.
const server = 'https://call.example'
const call = join({ server, room: { kind: 'create' }, name: 'Ann', media })

const stop = call.subscribe(() => {
  const { status, code, callers, peers } = call.getSnapshot()
  document.title = status.phase === 'waiting' ? `Waiting under ${code && formatRoomCode(code)}` : status.phase
  for (const caller of callers) call.accept(caller.id)
  for (const peer of peers) {
    show(document.querySelector('video'), peer.camera)
    show(document.querySelector('audio'), peer.audio)
  }
  if (status.phase === 'ended') stop()
})

function show(element: HTMLMediaElement | null, stream: MediaStream): void {
  if (element !== null && element.srcObject !== stream) element.srcObject = stream
}
