import type { MediaProblem } from './local-media.ts'

/** What an exception of getUserMedia or getDisplayMedia means, as far as browsers let one tell. */
export function classifyMediaError(error: unknown): MediaProblem {
  if (!(error instanceof Error)) return 'unsupported'
  switch (error.name) {
    case 'NotAllowedError':
      // Only Chromium says in words that the question was closed without an answer.
      return /dismiss/i.test(error.message) ? 'dismissed' : 'denied'
    case 'SecurityError':
    case 'PermissionDeniedError':
      return 'denied'
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'notFound'
    // Firefox reports a device that another program holds as an AbortError.
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'inUse'
    default:
      return 'unsupported'
  }
}

/** The same for a screen: closing the picker is a change of mind, not a refusal by the system or a policy. */
export function classifyScreenError(error: unknown): MediaProblem {
  const problem = classifyMediaError(error)
  if (problem !== 'denied' || !(error instanceof Error)) return problem
  return error.name === 'NotAllowedError' && !/system|polic/i.test(error.message) ? 'dismissed' : 'denied'
}
