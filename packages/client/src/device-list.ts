import type { DeviceChoice } from './local-media.ts'

/** The devices that can be chosen, by kind. */
export interface DeviceList {
  readonly microphones: readonly DeviceChoice[]
  readonly cameras: readonly DeviceChoice[]
  readonly speakers: readonly DeviceChoice[]
}

/** Sorts what the browser lists. Entries without an id can not be chosen: it withholds them before permission. */
export function sortDevices(devices: readonly MediaDeviceInfo[], canSelectSpeaker: boolean): DeviceList {
  return {
    microphones: choices(devices, 'audioinput', 'Microphone'),
    cameras: choices(devices, 'videoinput', 'Camera'),
    speakers: canSelectSpeaker ? choices(devices, 'audiooutput', 'Speaker') : [],
  }
}

function choices(
  devices: readonly MediaDeviceInfo[],
  kind: MediaDeviceKind,
  noun: string,
): readonly DeviceChoice[] {
  return devices
    .filter((device) => device.kind === kind && device.deviceId !== '')
    .map((device, index) => ({
      deviceId: device.deviceId,
      label: device.label === '' ? `${noun} ${index + 1}` : device.label,
    }))
}
