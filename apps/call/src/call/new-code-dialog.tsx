import { copy } from '../copy.ts'
import { useSession } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Modal } from '../ui/modal.tsx'
import './new-code-dialog.css'

/** Asks before the call is left for a new code, and says what becomes of those inside. */
export function NewCodeDialog({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const session = useSession()
  return (
    <Modal title={copy.trust.newCodeTitle} isOpen={isOpen} onOpenChange={onClose}>
      <p>{copy.trust.newCodeBody}</p>
      <div className="new-code-actions">
        <Button tone="primary" onClick={() => session.startOver()}>
          {copy.trust.leaveAndMake}
        </Button>
        <Button onClick={onClose}>{copy.trust.stay}</Button>
      </div>
    </Modal>
  )
}
