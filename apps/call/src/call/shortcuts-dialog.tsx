import { Switch } from '@base-ui/react/switch'
import { copy } from '../copy.ts'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Modal } from '../ui/modal.tsx'
import './shortcuts-dialog.css'

const keys: readonly { key: string; does: string }[] = [
  { key: 'M', does: copy.shortcuts.microphone },
  { key: 'V', does: copy.shortcuts.camera },
  { key: 'S', does: copy.shortcuts.screen },
  { key: 'C', does: copy.shortcuts.chat },
  { key: 'F', does: copy.shortcuts.fullScreen },
]

/** The single keys of a call, and the switch that turns them off. */
export function ShortcutsDialog({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}) {
  const session = useSession()
  const { preferences } = useSessionSnapshot()
  return (
    <Modal title={copy.shortcuts.title} isOpen={isOpen} onOpenChange={onOpenChange}>
      <div className="shortcuts">
        <div className="shortcuts-switch">
          <div>
            <p id="shortcuts-use">{copy.shortcuts.use}</p>
            <p className="shortcuts-hint">{copy.shortcuts.useHint}</p>
          </div>
          <Switch.Root
            className="switch"
            aria-labelledby="shortcuts-use"
            checked={preferences.usesShortcuts}
            onCheckedChange={(usesShortcuts) => session.setPreferences({ usesShortcuts })}
          >
            <Switch.Thumb className="switch-thumb" />
          </Switch.Root>
        </div>
        <dl className="shortcuts-keys" data-off={!preferences.usesShortcuts}>
          {keys.map(({ key, does }) => (
            <div key={key} className="shortcuts-key">
              <dt>{does}</dt>
              <dd>
                <kbd>{key}</kbd>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Modal>
  )
}
