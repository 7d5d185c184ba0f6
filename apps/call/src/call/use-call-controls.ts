import type { LocalMedia, LocalMediaSnapshot } from '@crowfly/client'
import { useMemo } from 'react'

/** What a person can switch in a call, by a button or a key. */
export interface CallControls {
  toggleMicrophone(): void
  toggleCamera(): void
  toggleScreen(): void
  toggleChat(): void
  toggleFullScreen(): void
}

/** Goes to full screen or leaves it; nothing happens where the browser has none. */
export function toggleFullScreen(): void {
  const change =
    document.fullscreenElement === null
      ? document.documentElement.requestFullscreen?.()
      : document.exitFullscreen()
  void change?.catch(() => undefined)
}

/** The switches for the current state of the devices. */
export function useCallControls(
  media: LocalMedia,
  devices: LocalMediaSnapshot,
  toggleChat: () => void,
): CallControls {
  return useMemo(
    () => ({
      toggleMicrophone: () => void media.setMicrophone(devices.microphone.state !== 'on'),
      toggleCamera: () => void media.setCamera(devices.camera.state !== 'on'),
      toggleScreen: () => {
        if (devices.screen.state === 'on') media.stopScreen()
        else if (devices.canShareScreen) void media.startScreen()
      },
      toggleChat,
      toggleFullScreen,
    }),
    [media, devices, toggleChat],
  )
}
