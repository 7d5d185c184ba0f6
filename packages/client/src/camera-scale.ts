import type { Sender } from './peer-connection.ts'

/**
 * By how much each side of the camera's picture is divided when it goes to so many people. Each of them gets a
 * picture that is encoded for them alone, so that processor and uplink pay for every one: of a 720-line camera,
 * two get 480 lines each, three or four 360, more 240.
 */
export function cameraScale(audience: number): number {
  if (audience <= 1) return 1
  if (audience === 2) return 1.5
  return audience <= 4 ? 2 : 3
}

/** Has `sender` divide its picture by `scale`. Rejects as `setParameters` does; nothing happens when it is so. */
export async function scaleSender(sender: Sender, scale: number): Promise<void> {
  const parameters = sender.getParameters()
  const encoding = parameters.encodings?.[0]
  if (encoding === undefined || (encoding.scaleResolutionDownBy ?? 1) === scale) return
  encoding.scaleResolutionDownBy = scale
  await sender.setParameters(parameters)
}
