import { useEffect, useRef } from 'react'
import type { CallControls } from './use-call-controls.ts'

const actions: ReadonlyMap<string, keyof CallControls> = new Map([
  ['m', 'toggleMicrophone'],
  ['v', 'toggleCamera'],
  ['s', 'toggleScreen'],
  ['c', 'toggleChat'],
  ['f', 'toggleFullScreen'],
])

/** What a single key does, null for nothing: not with a modifier, not while typing, not inside a menu or dialog. */
export function shortcutAction(event: {
  readonly key: string
  readonly hasModifier: boolean
  readonly isTyping: boolean
  readonly isRepeat: boolean
}): keyof CallControls | null {
  if (event.hasModifier || event.isTyping || event.isRepeat) return null
  return actions.get(event.key.toLowerCase()) ?? null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="dialog"]',
    ) !== null
  )
}

/** Single keys switch microphone, camera, screen, chat and full screen while `isEnabled`. */
export function useShortcuts(controls: CallControls, isEnabled: boolean): void {
  const current = useRef(controls)
  useEffect(() => {
    current.current = controls
  }, [controls])
  useEffect(() => {
    if (!isEnabled) return
    const press = (event: KeyboardEvent) => {
      const action = shortcutAction({
        key: event.key,
        hasModifier: event.ctrlKey || event.metaKey || event.altKey,
        isTyping: isTyping(event.target),
        isRepeat: event.repeat,
      })
      if (action === null || event.defaultPrevented) return
      event.preventDefault()
      current.current[action]()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [isEnabled])
}
