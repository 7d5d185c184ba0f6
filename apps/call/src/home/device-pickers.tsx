import type { LocalMedia, LocalMediaSnapshot } from '@crowfly/client'
import { Camera, Mic, Play, Volume2 } from 'lucide-react'
import { copy } from '../copy.ts'
import { playTestSound } from '../sound/speaker.ts'
import { type Choice, Picker } from '../ui/picker.tsx'
import { Tip } from '../ui/tip.tsx'
import './device-pickers.css'

/** The choice of camera, microphone and speaker, and a sound to test the speaker with. */
export function DevicePickers({ media, snapshot }: { media: LocalMedia; snapshot: LocalMediaSnapshot }) {
  return (
    <div className="device-pickers">
      <Picker
        label={copy.devices.camera}
        icon={<Camera size={18} aria-hidden="true" />}
        value={snapshot.cameraId ?? snapshot.cameras[0]?.deviceId ?? null}
        choices={snapshot.cameras.map(choice)}
        placeholder={copy.devices.noCamera}
        onChoose={(id) => void media.selectCamera(id)}
      />
      <Picker
        label={copy.devices.microphone}
        icon={<Mic size={18} aria-hidden="true" />}
        value={snapshot.microphoneId ?? snapshot.microphones[0]?.deviceId ?? null}
        choices={snapshot.microphones.map(choice)}
        placeholder={copy.devices.noMicrophone}
        onChoose={(id) => void media.selectMicrophone(id)}
      />
      <div className="device-speaker">
        {snapshot.speakers.length > 0 && (
          <Picker
            label={copy.devices.speaker}
            icon={<Volume2 size={18} aria-hidden="true" />}
            value={snapshot.speakerId ?? snapshot.speakers[0]?.deviceId ?? null}
            choices={snapshot.speakers.map(choice)}
            placeholder={copy.devices.systemDefault}
            onChoose={(id) => media.selectSpeaker(id)}
          />
        )}
        <Tip label={copy.devices.testSound}>
          <button
            type="button"
            className="device-test"
            aria-label={copy.devices.testSound}
            onClick={() => playTestSound(snapshot.speakerId)}
          >
            <Play size={18} aria-hidden="true" />
            {snapshot.speakers.length === 0 && copy.devices.testSound}
          </button>
        </Tip>
      </div>
    </div>
  )
}

function choice({ deviceId, label }: { deviceId: string; label: string }): Choice {
  return { value: deviceId, label }
}
