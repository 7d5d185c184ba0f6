let context: AudioContext | null = null

/**
 * The page's one audio context; null where there is none. Browsers start it only after the person has done
 * something on the page, so each caller tries to wake it.
 */
export function audioContext(): AudioContext | null {
  if (context === null && typeof AudioContext !== 'undefined') context = new AudioContext()
  if (context?.state === 'suspended') void context.resume().catch(() => undefined)
  return context
}
