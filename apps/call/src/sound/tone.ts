import { audioContext } from './audio-context.ts'

/** One note: when it begins and how long it sounds in seconds, its pitch and how loud it is (0 to 1). */
export interface Note {
  readonly at: number
  readonly length: number
  readonly hertz: number
  readonly volume: number
}

/** Plays `notes` with soft edges on the default speaker. Silent while the browser forbids sound. */
export function playNotes(notes: readonly Note[], destination?: AudioNode): void {
  const context = audioContext()
  if (context === null) return
  const start = context.currentTime + 0.03
  for (const note of notes) {
    const oscillator = context.createOscillator()
    const gain = context.createGain()
    const begin = start + note.at
    const end = begin + note.length
    oscillator.type = 'sine'
    oscillator.frequency.value = note.hertz
    gain.gain.setValueAtTime(0, begin)
    gain.gain.linearRampToValueAtTime(note.volume, begin + Math.min(0.02, note.length / 3))
    gain.gain.exponentialRampToValueAtTime(0.0001, end)
    oscillator.connect(gain).connect(destination ?? context.destination)
    oscillator.start(begin)
    oscillator.stop(end)
  }
}

/** Plays `notes` now and every `everyMs` until the returned function is called. */
export function repeatNotes(notes: readonly Note[], everyMs: number): () => void {
  playNotes(notes)
  const timer = setInterval(() => playNotes(notes), everyMs)
  return () => clearInterval(timer)
}

/** Somebody calls: two pairs of soft notes. */
export const ringNotes: readonly Note[] = [
  { at: 0, length: 0.5, hertz: 659.25, volume: 0.16 },
  { at: 0.16, length: 0.7, hertz: 880, volume: 0.16 },
  { at: 0.72, length: 0.5, hertz: 659.25, volume: 0.12 },
  { at: 0.88, length: 0.9, hertz: 880, volume: 0.12 },
]

/** It rings at the other side. */
export const ringbackNotes: readonly Note[] = [{ at: 0, length: 1.1, hertz: 425, volume: 0.05 }]

/** A test of the speaker: three notes up. */
export const testNotes: readonly Note[] = [
  { at: 0, length: 0.4, hertz: 523.25, volume: 0.2 },
  { at: 0.2, length: 0.4, hertz: 659.25, volume: 0.2 },
  { at: 0.4, length: 0.8, hertz: 783.99, volume: 0.2 },
]
