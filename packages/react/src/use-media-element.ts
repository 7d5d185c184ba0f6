import { type RefCallback, useCallback } from 'react'

/** A ref that plays `stream` in the media element it is given to; null plays nothing. */
export function useMediaElement(stream: MediaStream | null): RefCallback<HTMLMediaElement> {
  return useCallback(
    (element: HTMLMediaElement | null) => {
      if (element !== null && element.srcObject !== stream) element.srcObject = stream
    },
    [stream],
  )
}
