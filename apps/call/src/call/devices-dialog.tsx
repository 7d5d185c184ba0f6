import { useSnapshot } from '@crowfly/react'
import { copy } from '../copy.ts'
import { DevicePickers } from '../home/device-pickers.tsx'
import { DeviceProblemCard, deviceProblems } from '../home/device-problem.tsx'
import { Preview } from '../home/preview.tsx'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Modal } from '../ui/modal.tsx'
import './devices-dialog.css'

/** Camera, microphone and speaker during a call. */
export function DevicesDialog({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}) {
  const session = useSession()
  const { media, preferences } = useSessionSnapshot()
  const snapshot = useSnapshot(media)
  return (
    <Modal title={copy.more.devices} isOpen={isOpen} onOpenChange={onOpenChange}>
      <div className="devices-dialog">
        <Preview media={media} snapshot={snapshot} name={preferences.name} />
        {deviceProblems(snapshot).map((problem) => (
          <DeviceProblemCard key={problem.device} {...problem} onRetry={() => void session.askForDevices()} />
        ))}
        <DevicePickers media={media} snapshot={snapshot} />
      </div>
    </Modal>
  )
}
