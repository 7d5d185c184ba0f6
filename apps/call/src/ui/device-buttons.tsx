import { Mic, MicOff, Video, VideoOff } from 'lucide-react'
import { copy } from '../copy.ts'
import { RoundButton } from './round-button.tsx'

interface DeviceButtonProps {
  isOn: boolean
  onToggle(): void
  shortcut?: string
}

/** Mutes the microphone and turns it on again. */
export function MicrophoneButton({ isOn, onToggle, shortcut }: DeviceButtonProps) {
  return (
    <RoundButton
      label={isOn ? copy.call.mute : copy.call.unmute}
      icon={isOn ? <Mic size={22} aria-hidden="true" /> : <MicOff size={22} aria-hidden="true" />}
      tone={isOn ? 'plain' : 'off'}
      shortcut={shortcut}
      onClick={onToggle}
    />
  )
}

/** Turns the camera off and on. */
export function CameraButton({ isOn, onToggle, shortcut }: DeviceButtonProps) {
  return (
    <RoundButton
      label={isOn ? copy.call.cameraOff : copy.call.cameraOn}
      icon={isOn ? <Video size={22} aria-hidden="true" /> : <VideoOff size={22} aria-hidden="true" />}
      tone={isOn ? 'plain' : 'off'}
      shortcut={shortcut}
      onClick={onToggle}
    />
  )
}
