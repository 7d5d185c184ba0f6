import { encodeUtf8 } from '@crowfly/bytes'
import { SeededRandom } from '@crowfly/testkit'
import { PairingKeys } from '../seal/pairing-keys.ts'
import { SealedChannel } from '../seal/sealed-channel.ts'

/** Two ends of one channel. */
export interface ChannelPair {
  readonly ann: SealedChannel
  readonly bob: SealedChannel
}

/** Two ends that have paired; `change` is what Bob takes for true in place of what Ann does. */
export function channelPair(
  seed: number,
  change: { nameplate?: string; ann?: Uint8Array; bob?: Uint8Array } = {},
): ChannelPair {
  const random = new SeededRandom(seed)
  const sessionKey = random.bytes(64)
  const pid = random.bytes(8)
  const ann = random.bytes(16)
  const bob = random.bytes(16)
  const wrapFirst = (envelope: Uint8Array): Uint8Array => envelope
  const bare = { wrapFirst, preamble: new Uint8Array(0), peerPreambleBytes: 0 }
  const nameplate = encodeUtf8('4821')
  return {
    ann: new SealedChannel({
      keys: new PairingKeys(sessionKey.slice(), 'member'),
      ...{ pid, nameplate, own: ann, peer: bob, ...bare },
    }),
    bob: new SealedChannel({
      keys: new PairingKeys(sessionKey, 'newcomer'),
      ...{ pid, nameplate: encodeUtf8(change.nameplate ?? '4821'), own: change.bob ?? bob },
      ...{ peer: change.ann ?? ann, ...bare },
    }),
  }
}
