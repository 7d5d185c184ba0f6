import type { Random } from '@crowfly/sansio'

/** The page's CSPRNG. */
export const pageRandom: Random = {
  fill: (target) => target.set(crypto.getRandomValues(new Uint8Array(target.length))),
}
