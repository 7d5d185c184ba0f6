import { createLocalMedia, join } from '@crowfly/client'
import { eventStreamTransport } from './transport.mjs'

const media = createLocalMedia()
await media.start({ camera: true, microphone: true })

const picture = document.createElement('video')
const sound = document.createElement('audio')
picture.autoplay = true
sound.autoplay = true
document.body.append(picture)

// Everybody with this page is in one room: the server knows whom it shows the page.
const call = join({
  trust: 'server',
  room: { kind: 'join', name: 'lobby', ifEmpty: 'wait' },
  name: 'somebody',
  media,
  transports: [eventStreamTransport],
})

call.subscribe(() => {
  const { status, server, callers, peers } = call.getSnapshot()
  for (const { id } of callers) call.accept(id)
  const [peer] = peers
  show(picture, peer?.camera)
  show(sound, peer?.audio)
  const connected = peers.filter(({ connection }) => connection === 'connected')
  const line = document.querySelector('[role=status]')
  if (line !== null) line.textContent = `${status.phase}, ${server}, ${connected.length} connected`
})

/** @param {HTMLMediaElement} element @param {MediaStream} [stream] */
function show(element, stream) {
  if (element.srcObject !== (stream ?? null)) element.srcObject = stream ?? null
}
