import { formatNameplate, parseNameplate } from '@crowfly/signaling'
import {
  clientFrame,
  decode,
  encode,
  pairEnvelope,
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

function checkNameplate(input: Uint8Array): string {
  const text = String.fromCharCode(...input.subarray(0, 4096))
  const nameplate = parseNameplate(text)
  if (nameplate === null) return 'none'
  invariant(/^[0-9a-hjkmnp-tv-z]{10}$/.test(nameplate), `${nameplate} is not canonical`)
  invariant(parseNameplate(nameplate) === nameplate, `${nameplate} does not parse to itself`)
  invariant(parseNameplate(formatNameplate(nameplate)) === nameplate, 'what people read does not parse')
  return 'nameplate'
}

/** Every message of the signaling protocol, in every direction, and the nameplates that people type. */
export const target: FuzzTarget = {
  run(input) {
    const client = check('client', clientFrame, input)
    const server = check('server', serverFrame, input)
    const envelope = check('envelope', pairEnvelope, input)
    const message = check('message', pairMessage, input)
    return `${client} ${server} ${envelope} ${message} ${checkNameplate(input)}`
  },
  maxBytes: 1024,
}
