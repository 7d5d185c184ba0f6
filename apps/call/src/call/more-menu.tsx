import { Menu } from '@base-ui/react/menu'
import { Ellipsis, Keyboard, Link2, Maximize, Minimize, RefreshCw, Settings2 } from 'lucide-react'
import { useState } from 'react'
import { copy } from '../copy.ts'
import { ThemeItems } from '../home/theme-switch.tsx'
import { RoundButton } from '../ui/round-button.tsx'
import { toggleFullScreen } from './use-call-controls.ts'

/** What is needed less often. */
export function MoreMenu({
  onCopyLink,
  isClosed,
  onDialog,
}: {
  onCopyLink: (() => void) | null
  /** Nobody new is let in under this code. */
  isClosed: boolean
  onDialog(dialog: 'devices' | 'shortcuts' | 'newCode'): void
}) {
  const [isFullScreen, setFullScreen] = useState(false)
  return (
    <Menu.Root modal={false} onOpenChange={() => setFullScreen(document.fullscreenElement !== null)}>
      <Menu.Trigger
        render={<RoundButton label={copy.call.more} icon={<Ellipsis size={22} aria-hidden="true" />} />}
      />
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={10} side="top">
          <Menu.Popup className="popup">
            <Menu.Item className="popup-item" onClick={() => onDialog('devices')}>
              <Settings2 size={18} aria-hidden="true" />
              <span className="popup-item-text">{copy.more.devices}</span>
            </Menu.Item>
            {isClosed && (
              <Menu.Item className="popup-item" onClick={() => onDialog('newCode')}>
                <RefreshCw size={18} aria-hidden="true" />
                <span className="popup-item-text">{copy.trust.newCode}</span>
              </Menu.Item>
            )}
            {onCopyLink !== null && !isClosed && (
              <Menu.Item className="popup-item" onClick={onCopyLink}>
                <Link2 size={18} aria-hidden="true" />
                <span className="popup-item-text">{copy.more.copyLink}</span>
              </Menu.Item>
            )}
            {document.fullscreenEnabled && (
              <Menu.Item className="popup-item" onClick={toggleFullScreen}>
                {isFullScreen ? (
                  <Minimize size={18} aria-hidden="true" />
                ) : (
                  <Maximize size={18} aria-hidden="true" />
                )}
                <span className="popup-item-text">
                  {isFullScreen ? copy.more.exitFullScreen : copy.more.fullScreen}
                </span>
              </Menu.Item>
            )}
            <Menu.Item className="popup-item" onClick={() => onDialog('shortcuts')}>
              <Keyboard size={18} aria-hidden="true" />
              <span className="popup-item-text">{copy.more.shortcuts}</span>
            </Menu.Item>
            <Menu.Separator className="popup-line" />
            <ThemeItems />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
