/** Moments of a call, in milliseconds since the epoch, so that those of two browsers compare. */
export interface CallMarks {
  connectPressed?: number
  accepted?: number
  connected?: number
  firstFrame?: number
}

// https://w3c.github.io/mediacapture-transform/, which Chromium has in windows and the type library has not.
declare class MediaStreamTrackProcessor {
  constructor(options: { track: MediaStreamTrack })
  readonly readable: ReadableStream<{ close(): void }>
}

declare global {
  interface Window {
    callMarks: CallMarks
  }
}

/**
 * Runs in a page before its own scripts: notes the moments of the call, and accepts a caller as soon as the page
 * offers to. The first frame is that of a remote track as it leaves the decoder.
 */
export function markCall(): void {
  const marks: CallMarks = {}
  window.callMarks = marks
  const now = (): number => performance.timeOrigin + performance.now()

  document.addEventListener(
    'click',
    (event) => {
      const button = event.target instanceof Element ? event.target.closest('button') : null
      if (button?.textContent?.trim() === 'Connect') marks.connectPressed ??= now()
    },
    true,
  )

  new MutationObserver(() => {
    for (const button of document.querySelectorAll('[role="alertdialog"] button')) {
      if (button.textContent?.trim() !== 'Accept' || marks.accepted !== undefined) continue
      marks.accepted = now()
      if (button instanceof HTMLElement) button.click()
    }
  }).observe(document, { childList: true, subtree: true })

  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') marks.connected ??= now()
      })
      this.addEventListener('track', ({ track }) => {
        if (track.kind !== 'video') return
        const reader = new MediaStreamTrackProcessor({ track }).readable.getReader()
        reader.read().then(
          ({ value }) => {
            marks.firstFrame ??= now()
            value?.close()
            return reader.cancel()
          },
          () => {},
        )
      })
    }
  }
}
