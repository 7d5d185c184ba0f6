import { audioContext } from './audio-context.ts'
import { playNotes, testNotes } from './tone.ts'

/** Sends an element's sound to a speaker; does nothing where the browser cannot choose one. */
export function routeToSpeaker(element: HTMLMediaElement, speakerId: string | null): void {
  if (speakerId === null || typeof element.setSinkId !== 'function') return
  if (element.sinkId === speakerId) return
  // A speaker that was unplugged meanwhile leaves the sound where it is.
  void element.setSinkId(speakerId).catch(() => undefined)
}

/** Plays the test sound on a speaker; null is the system's own. */
export function playTestSound(speakerId: string | null): void {
  const context = audioContext()
  if (context === null) return
  if (speakerId === null || typeof HTMLMediaElement.prototype.setSinkId !== 'function') {
    playNotes(testNotes)
    return
  }
  const outlet = context.createMediaStreamDestination()
  const element = new Audio()
  element.srcObject = outlet.stream
  routeToSpeaker(element, speakerId)
  void element.play().then(
    () => playNotes(testNotes, outlet),
    () => playNotes(testNotes),
  )
  setTimeout(() => {
    element.pause()
    element.srcObject = null
  }, 2500)
}
