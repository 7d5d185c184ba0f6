import { type ComponentProps, useEffect, useRef } from 'react'
import './screen-title.css'

/** The heading of a screen. Takes the focus as the screen appears, so that a screen reader begins there. */
export function ScreenTitle({ className = '', ...rest }: ComponentProps<'h1'>) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return <h1 className={`screen-title ${className}`} ref={heading} tabIndex={-1} {...rest} />
}
