import { decodeMemberMessage, encodeMemberMessage, type MessageType } from '@crowfly/pairing'
import {
  decodeEnvelope,
  decodePlaintext,
  encodePlaintext,
  PairingKeys,
  SealedChannel,
} from '@crowfly/pairing/wire'
import { SeededRandom } from '@crowfly/testkit'
import { type FuzzTarget, invariant } from '../target.ts'

const random = new SeededRandom(1)
const sessionKey = random.bytes(64)
const pid = random.bytes(8)
const ids = { ann: random.bytes(16), bob: random.bytes(16) }
const nothing = new Uint8Array(0)
const memberTypes: readonly MessageType[] = ['knock', 'wait', 'admitted', 'ringing', 'declined', 'roster']

/** One end of the same channel, as new. */
function makeEnd(own: 'ann' | 'bob'): SealedChannel {
  return new SealedChannel({
    keys: new PairingKeys(sessionKey.slice(), own === 'ann' ? 'member' : 'newcomer'),
    pid,
    nameplate: Uint8Array.of(52, 56, 50, 49),
    own: ids[own],
    peer: ids[own === 'ann' ? 'bob' : 'ann'],
    wrapFirst: (envelope) => envelope,
    preamble: nothing,
    peerPreambleBytes: 0,
  })
}

const ann = makeEnd('ann')
const frames = [1, 2, 3].map((number) => {
  const frame = ann.seal({ type: 'message', body: Uint8Array.of(number) })
  invariant(frame !== undefined, 'the channel is full')
  return frame
})

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, i) => octet === b[i])

/** Whatever comes, only what was sealed is opened, and it all is, in its order. */
function checkChannel(input: Uint8Array): string {
  const bob = makeEnd('bob')
  const reception = bob.receive(input, 0)
  const isTrue = frames.some((frame) => isSame(frame, input))
  invariant(isTrue === (reception === 'opened' || reception === 'held'), `a forgery is ${reception}`)
  for (const frame of frames) bob.receive(frame, 0)
  const bodies = Array.from(frames, () => bob.shift()?.body[0])
  invariant(bodies.join() === '1,2,3' && bob.shift() === undefined, `the channel gave ${bodies}`)
  return reception
}

function checkPlaintext(input: Uint8Array): string {
  const plaintext = decodePlaintext(input)
  if (plaintext === undefined) return 'none'
  invariant(isSame(encodePlaintext(plaintext), input), 'a plaintext encodes differently')
  return plaintext.type
}

function checkMessage(type: MessageType, body: Uint8Array): string {
  const message = decodeMemberMessage({ type, body })
  if (message === undefined) return ''
  invariant(isSame(encodeMemberMessage(message).body, body), `${type} encodes differently`)
  return type
}

/** Envelopes, what is sealed in them, and the bodies of the messages about entering. */
export const target: FuzzTarget = {
  run(input) {
    const envelope = decodeEnvelope(input)
    const messages = memberTypes.map((type) => checkMessage(type, input)).join('')
    const kind = typeof envelope === 'string' ? envelope : 'envelope'
    return `${kind} ${checkChannel(input)} ${checkPlaintext(input)} ${messages}`
  },
  maxBytes: 2200,
  seeds: [
    ...frames,
    encodePlaintext({ type: 'message', ack: 1, body: Uint8Array.of(1, 2, 3) }),
    encodePlaintext({ type: 'candidates', ack: 0, body: new Uint8Array(1100).fill(7) }),
    Uint8Array.of(0, 3, 65, 110, 110),
    Uint8Array.of(1, ...ids.ann),
  ],
  dictionary: [pid, ids.ann, Uint8Array.of(0, 0, 0, 1)],
}
