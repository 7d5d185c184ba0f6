import { randomFillSync } from 'node:crypto'
import type { Random } from '@crowfly/sansio'

/** Bytes drawn from the system at once: a call costs about a microsecond, whatever its size up to here. */
const poolBytes = 4096

const pool = new Uint8Array(poolBytes)
let used = poolBytes

/** The system's CSPRNG. Bytes are drawn in blocks and wiped from the block as they are handed out. */
export const nodeRandom: Random = {
  fill(target) {
    if (target.length > poolBytes) {
      randomFillSync(target)
      return
    }
    if (used + target.length > poolBytes) {
      randomFillSync(pool)
      used = 0
    }
    const end = used + target.length
    target.set(pool.subarray(used, end))
    pool.fill(0, used, end)
    used = end
  },
}
