import { isNameplate, SchemaError } from '@crowfly/signaling'
import {
  clientFrame,
  clientMessage,
  decode,
  encode,
  pairMessage,
  serverFrame,
  type Union,
} from '@crowfly/signaling/wire'
import { type FuzzTarget, invariant } from '../target.ts'

/** What decodes is written in exactly one way: the bytes it came from. */
function check<T extends object>(name: string, schema: Union<T>, input: Uint8Array): string {
  const message = decode(schema, input)
  if (typeof message === 'string') return message
  const again = encode(schema, message)
  invariant(again.length === input.length, `${name}: ${input.length} bytes became ${again.length}`)
  invariant(
    again.every((byte, i) => byte === input[i]),
    `${name}: encodes differently`,
  )
  return 'type' in message ? String(message.type) : name
}

/** A text can be asked for on the wire if and only if a room can have it for its nameplate. */
function checkNameplate(input: Uint8Array): string {
  const nameplate = String.fromCharCode(...input.subarray(0, 4096))
  try {
    const bytes = encode(clientMessage, { type: 'look', nameplate, memberId: 'A'.repeat(22) })
    const look = decode(clientMessage, bytes)
    invariant(isNameplate(nameplate), 'what is no nameplate was written')
    invariant(typeof look === 'object' && look.type === 'look', 'what was written does not read')
    invariant(look.nameplate === nameplate, 'another nameplate was read')
    return 'nameplate'
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    invariant(!isNameplate(nameplate), 'a nameplate was not written')
    return 'none'
  }
}

/** Every message of the signaling protocol, in every direction, and the names of rooms. */
export const target: FuzzTarget = {
  run(input) {
    const client = check('client', clientFrame, input)
    const server = check('server', serverFrame, input)
    const message = check('message', pairMessage, input)
    return `${client} ${server} ${message} ${checkNameplate(input)}`
  },
  maxBytes: 1024,
}
