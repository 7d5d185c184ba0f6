import type { ComponentProps, ReactElement } from 'react'
import { Tip } from './tip.tsx'
import './round-button.css'

export interface RoundButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  /** The accessible name, also shown as a tip. */
  label: string
  icon: ReactElement
  /** `off` for a device that is off, `live` for something going out, `bad` for the way out. */
  tone?: 'plain' | 'off' | 'live' | 'bad'
  shortcut?: string | undefined
  /** A number at the corner; 0 shows none. */
  count?: number
  tipSide?: 'top' | 'bottom'
}

/** A round control with a sign. */
export function RoundButton({
  label,
  icon,
  tone = 'plain',
  shortcut,
  count = 0,
  tipSide = 'top',
  ...rest
}: RoundButtonProps) {
  return (
    <Tip label={label} shortcut={shortcut} side={tipSide}>
      <button type="button" aria-label={label} {...rest} className={`round-button round-${tone}`}>
        {icon}
        {count > 0 && (
          <span className="round-count" aria-hidden="true">
            {count > 9 ? '9+' : count}
          </span>
        )}
      </button>
    </Tip>
  )
}
