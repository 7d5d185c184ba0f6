import { Tooltip } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'
import './tip.css'

/** A control with a word over it on hover and focus. The control names itself; the tip adds its shortcut. */
export function Tip({
  label,
  shortcut,
  side = 'top',
  children,
}: {
  label: string
  shortcut?: string | undefined
  side?: 'top' | 'bottom'
  children: ReactElement<Record<string, unknown>>
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={8} side={side} className="tip-positioner">
          <Tooltip.Popup className="tip on-video">
            {label}
            {shortcut !== undefined && <kbd className="tip-key">{shortcut}</kbd>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
