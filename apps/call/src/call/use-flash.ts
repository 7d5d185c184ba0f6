import { useCallback, useEffect, useState } from 'react'

const shownMs = 5000

/** A line that shows for five seconds, and the way to show one. */
export function useFlash(): [string | null, (line: string) => void] {
  const [flash, setFlash] = useState<{ line: string } | null>(null)
  useEffect(() => {
    if (flash === null) return
    const timer = setTimeout(() => setFlash(null), shownMs)
    return () => clearTimeout(timer)
  }, [flash])
  const show = useCallback((line: string) => setFlash({ line }), [])
  return [flash?.line ?? null, show]
}
