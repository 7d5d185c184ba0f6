import { useEffect, useState } from 'react'

const idleMs = 3000

/**
 * Whether the controls may fade: three seconds after the last movement of a pointer. Never for someone who uses the
 * keyboard, while a menu is open, or with the pointer on the controls.
 */
export function useIdle(): boolean {
  const [isIdle, setIdle] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const fade = () => {
      const isInUse =
        document.querySelector(
          '[data-keep]:hover, [data-keep] :focus-visible, [data-popup-open], [role="dialog"]',
        ) !== null
      if (isInUse) timer = setTimeout(fade, idleMs)
      else setIdle(true)
    }
    const show = () => {
      clearTimeout(timer)
      setIdle(false)
    }
    const move = () => {
      show()
      timer = setTimeout(fade, idleMs)
    }
    addEventListener('pointermove', move)
    addEventListener('pointerdown', move)
    addEventListener('keydown', show)
    addEventListener('focusin', show)
    return () => {
      clearTimeout(timer)
      removeEventListener('pointermove', move)
      removeEventListener('pointerdown', move)
      removeEventListener('keydown', show)
      removeEventListener('focusin', show)
    }
  }, [])
  return isIdle
}
