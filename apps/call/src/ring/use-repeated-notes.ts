import { useEffect } from 'react'
import { type Note, repeatNotes } from '../sound/tone.ts'

/** Plays `notes` again and again while `isOn`. */
export function useRepeatedNotes(notes: readonly Note[], everyMs: number, isOn: boolean): void {
  useEffect(() => (isOn ? repeatNotes(notes, everyMs) : undefined), [notes, everyMs, isOn])
}
