import type { KeyValueStorage } from './device-memory.ts'

/** What `LocalMedia` needs of `navigator.mediaDevices`. */
export interface MediaDevicesLike {
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>
  getDisplayMedia?(options: DisplayMediaStreamOptions): Promise<MediaStream>
  enumerateDevices(): Promise<MediaDeviceInfo[]>
  addEventListener(type: 'devicechange', listener: () => void): void
  removeEventListener(type: 'devicechange', listener: () => void): void
}

/** The browser as `LocalMedia` sees it; a test brings another. */
export interface MediaPlatform {
  /** Null in an insecure page, and in browsers without media devices. */
  readonly devices: MediaDevicesLike | null
  readonly isSecureContext: boolean
  readonly canSelectSpeaker: boolean
  readonly storage: KeyValueStorage | null
}

/** The page's own devices. */
export function browserMediaPlatform(): MediaPlatform {
  // Outside a secure context `mediaDevices` is missing, whatever the type says.
  const devices: MediaDevices | undefined = globalThis.navigator?.mediaDevices
  return {
    devices: devices ?? null,
    isSecureContext: globalThis.isSecureContext ?? false,
    canSelectSpeaker: typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype,
    storage: localStorageOrNull(),
  }
}

function localStorageOrNull(): KeyValueStorage | null {
  try {
    // Reading the property throws where the page may not store anything.
    return globalThis.localStorage ?? null
  } catch {
    return null
  }
}
