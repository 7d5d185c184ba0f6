import { equalConstantTime } from '@crowfly/bytes'
import type { Random } from '@crowfly/sansio'
import {
  type CpaceMessage,
  confirmationKey,
  confirmationTag,
  makeShare,
  sessionKey,
  sidOutput,
  transcript,
} from '../cpace/cpace.ts'
import type { CpaceInput } from '../cpace/generator.ts'
import type { Role } from '../role.ts'
import { pidBytes } from '../seal/envelope.ts'
import { PairingKeys } from '../seal/pairing-keys.ts'

/** What a side has to show for the code, once it has heard the other side. */
export interface Proof {
  /** To be sent. */
  readonly ownTag: Uint8Array
  /** To be compared with what is received, in constant time and before anything is opened. */
  readonly peerTag: Uint8Array
  readonly pid: Uint8Array
  readonly keys: PairingKeys
}

/** The member's proof (CPace §7.2, §10.4). Undefined when the newcomer's share is none. The scalar is wiped. */
export function proveAsMember(
  sid: Uint8Array,
  scalar: Uint8Array,
  own: CpaceMessage,
  theirs: CpaceMessage,
): Proof | undefined {
  return prove('member', sid, scalar, own, theirs)
}

/** The newcomer's share, made for the one ticket, and its proof. Undefined when the ticket's share is none. */
export function proveAsNewcomer(
  input: CpaceInput,
  theirs: CpaceMessage,
  associated: Uint8Array,
  random: Random,
): { readonly share: Uint8Array; readonly proof: Proof } | undefined {
  const { scalar, share } = makeShare(input, random)
  const proof = prove('newcomer', input.sid, scalar, { share, associated }, theirs)
  return proof && { share, proof }
}

/** Whether the other side has shown that it knows the code. */
export function isProven(proof: Proof, tag: Uint8Array): boolean {
  return equalConstantTime(proof.peerTag, tag)
}

function prove(
  role: Role,
  sid: Uint8Array,
  scalar: Uint8Array,
  own: CpaceMessage,
  theirs: CpaceMessage,
): Proof | undefined {
  const spoken = role === 'member' ? transcript(own, theirs) : transcript(theirs, own)
  const key = sessionKey(sid, scalar, theirs.share, spoken)
  if (key === undefined) return undefined
  const tagKey = confirmationKey(sid, key)
  const ownTag = confirmationTag(tagKey, own)
  const peerTag = confirmationTag(tagKey, theirs)
  tagKey.fill(0)
  return { ownTag, peerTag, pid: sidOutput(spoken).slice(0, pidBytes), keys: new PairingKeys(key, role) }
}
