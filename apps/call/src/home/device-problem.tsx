import type { LocalMediaSnapshot, MediaProblem } from '@crowfly/client'
import { copy, type Device, mediaProblemWords } from '../copy.ts'
import { useSession } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import './device-problem.css'

/** A problem and the devices it is about. */
export interface DeviceProblem {
  readonly device: Device
  readonly problem: MediaProblem
}

/** What is wrong with camera and microphone; one problem when both have the same. */
export function deviceProblems(media: Pick<LocalMediaSnapshot, 'camera' | 'microphone'>): DeviceProblem[] {
  const problems: DeviceProblem[] = []
  const camera = media.camera.state === 'failed' ? media.camera.problem : null
  const microphone = media.microphone.state === 'failed' ? media.microphone.problem : null
  if (camera !== null && camera === microphone) return [{ device: 'both', problem: camera }]
  if (camera !== null) problems.push({ device: 'camera', problem: camera })
  if (microphone !== null) problems.push({ device: 'microphone', problem: microphone })
  return problems
}

/** One problem in plain words, with what can be done about it. */
export function DeviceProblemCard({ device, problem, onRetry }: DeviceProblem & { onRetry(): void }) {
  const session = useSession()
  const words = mediaProblemWords(problem, device)
  return (
    <div className="device-problem" role="alert">
      <p className="device-problem-title">{words.title}</p>
      <p className="device-problem-body">{words.body}</p>
      {problem === 'insecureContext' ? (
        <a className="button button-plain button-medium" href={session.secureLink}>
          {copy.devices.openSecure}
        </a>
      ) : (
        problem !== 'unsupported' && <Button onClick={onRetry}>{copy.devices.tryAgain}</Button>
      )}
    </div>
  )
}
