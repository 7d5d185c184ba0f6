import { Menu } from '@base-ui/react/menu'
import { Check, Monitor, Moon, Sun } from 'lucide-react'
import { copy } from '../copy.ts'
import type { Theme } from '../session/preferences.ts'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import '../ui/popup.css'
import './theme-switch.css'

const themes: readonly { theme: Theme; label: string }[] = [
  { theme: 'system', label: copy.more.system },
  { theme: 'light', label: copy.more.light },
  { theme: 'dark', label: copy.more.dark },
]

function ThemeSign({ theme }: { theme: Theme }) {
  if (theme === 'light') return <Sun size={18} aria-hidden="true" />
  if (theme === 'dark') return <Moon size={18} aria-hidden="true" />
  return <Monitor size={18} aria-hidden="true" />
}

/** The choices of colours, to be put into a menu. */
export function ThemeItems() {
  const session = useSession()
  const { preferences } = useSessionSnapshot()
  return (
    <Menu.Group>
      <Menu.GroupLabel className="popup-label">{copy.more.theme}</Menu.GroupLabel>
      <Menu.RadioGroup
        value={preferences.theme}
        onValueChange={(theme: Theme) => session.setPreferences({ theme })}
      >
        {themes.map(({ theme, label }) => (
          <Menu.RadioItem key={theme} value={theme} className="popup-item" closeOnClick>
            <ThemeSign theme={theme} />
            <span className="popup-item-text">{label}</span>
            <Menu.RadioItemIndicator className="popup-check">
              <Check size={16} aria-hidden="true" />
            </Menu.RadioItemIndicator>
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </Menu.Group>
  )
}

/** A button with the choice of colours. */
export function ThemeSwitch() {
  const { preferences } = useSessionSnapshot()
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="theme-switch" aria-label={copy.more.theme}>
        <ThemeSign theme={preferences.theme} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={6} align="end">
          <Menu.Popup className="popup">
            <ThemeItems />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
