import type { LocalMediaSnapshot } from '@crowfly/client'
import { MessageSquare, MonitorUp, MonitorX, PhoneOff } from 'lucide-react'
import type { Ref } from 'react'
import { copy } from '../copy.ts'
import { CameraButton, MicrophoneButton } from '../ui/device-buttons.tsx'
import { RoundButton } from '../ui/round-button.tsx'
import { MoreMenu } from './more-menu.tsx'
import type { CallControls } from './use-call-controls.ts'
import './control-bar.css'

/** The controls of a call. */
export function ControlBar({
  controls,
  devices,
  onCopyLink,
  isClosed,
  unread,
  isChatOpen,
  chatButton,
  onDialog,
  onLeave,
}: {
  controls: CallControls
  devices: LocalMediaSnapshot
  /** Null while there is no link. */
  onCopyLink: (() => void) | null
  /** Nobody new is let in under this code. */
  isClosed: boolean
  unread: number
  isChatOpen: boolean
  chatButton: Ref<HTMLButtonElement>
  onDialog(dialog: 'devices' | 'shortcuts' | 'newCode'): void
  onLeave(): void
}) {
  const isSharing = devices.screen.state === 'on'
  return (
    <section className="control-bar" aria-label={copy.call.controls} data-keep>
      <MicrophoneButton
        isOn={devices.microphone.state === 'on'}
        onToggle={controls.toggleMicrophone}
        shortcut="m"
      />
      <CameraButton isOn={devices.camera.state === 'on'} onToggle={controls.toggleCamera} shortcut="v" />
      {devices.canShareScreen && (
        <RoundButton
          label={isSharing ? copy.call.stopSharing : copy.call.share}
          icon={
            isSharing ? <MonitorX size={22} aria-hidden="true" /> : <MonitorUp size={22} aria-hidden="true" />
          }
          tone={isSharing ? 'live' : 'plain'}
          shortcut="s"
          onClick={controls.toggleScreen}
        />
      )}
      <RoundButton
        ref={chatButton}
        label={unread > 0 ? copy.call.chatUnread(unread) : copy.call.chat}
        icon={<MessageSquare size={22} aria-hidden="true" />}
        tone={isChatOpen ? 'live' : 'plain'}
        shortcut="c"
        count={unread}
        aria-expanded={isChatOpen}
        onClick={controls.toggleChat}
      />
      <MoreMenu onCopyLink={onCopyLink} isClosed={isClosed} onDialog={onDialog} />
      <button type="button" className="control-leave" onClick={onLeave}>
        <PhoneOff size={22} aria-hidden="true" />
        {copy.call.leave}
      </button>
    </section>
  )
}
