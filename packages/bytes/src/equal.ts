/**
 * Whether two runs of bytes are the same, in time that depends on their lengths only.
 * For authentication tags and tokens; the lengths are taken to be public.
 */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
