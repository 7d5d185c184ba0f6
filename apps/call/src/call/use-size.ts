import { type RefCallback, useCallback, useState } from 'react'

/** Width and height of an element in CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The size of the element that gets the ref, kept up to date. Zero before the first layout. */
export function useSize(): [RefCallback<HTMLElement>, Size] {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size]
}
