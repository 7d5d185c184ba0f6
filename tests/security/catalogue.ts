import type { Attack } from './attack.ts'
import { amplification } from './attacks/amplification.ts'
import { attributeBombs } from './attacks/attribute-bombs.ts'
import { channels } from './attacks/channels.ts'
import { credentials } from './attacks/credentials.ts'
import { floods } from './attacks/floods.ts'
import { forbiddenPeers } from './attacks/forbidden-peers.ts'
import { garbageAttacks } from './attacks/garbage.ts'
import { permissions } from './attacks/permissions.ts'
import { rooms } from './attacks/rooms.ts'
import { streams } from './attacks/streams.ts'
import { tls } from './attacks/tls.ts'

/** Every attack, in the order in which they are tried: what needs a healthy server first. */
export const catalogue: readonly Attack[] = [
  ...forbiddenPeers,
  ...permissions,
  ...rooms,
  ...channels,
  ...credentials,
  ...amplification,
  ...attributeBombs,
  ...streams,
  ...tls,
  ...garbageAttacks,
  ...floods,
]
