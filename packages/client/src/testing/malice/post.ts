import type { ServerMessage } from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'
import type { Misconduct, Told } from './misconduct.ts'

/** A `say` that meddles with envelopes only. */
export function meddle(
  meddler: (envelope: Told<'envelope'>, to: MemberId) => readonly ServerMessage[],
): NonNullable<Misconduct['say']> {
  return (to, message) => (message.type === 'envelope' ? meddler(message, to) : [message])
}

/** The same octets with one bit changed, `fromEnd` octets before their end. */
export function flip(octets: Uint8Array, fromEnd = 1): Uint8Array {
  const altered = octets.slice()
  const at = altered.length - fromEnd
  altered[at] = (altered[at] ?? 0) ^ 1
  return altered
}
