import { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { invariant } from './target.ts'

/** What an attribute carries, as text, and how it is written again; undefined when absent or malformed. */
export type Reading = { readonly meaning: string; write(writer: StunMessageWriter): void } | undefined

/** How to read each attribute that has a value of its own, by name. */
export type Readings = ReadonlyMap<string, (message: StunMessage) => Reading>

const again = new StunMessage()
const scratch = new Uint8Array(2048)

export function reading<Value>(
  decode: (message: StunMessage) => Value | undefined,
  encode: (writer: StunMessageWriter, value: Value) => void,
): (message: StunMessage) => Reading {
  return (message) => {
    const value = decode(message)
    if (value === undefined) return undefined
    return { meaning: JSON.stringify(value), write: (writer) => encode(writer, value) }
  }
}

/**
 * Each attribute that could be decoded means the same once it was encoded again. Returns the first one's name.
 * `isTooLong`: whether encoding threw because a text is longer than may be sent, though not than may be received.
 */
export function checkReadings(
  message: StunMessage,
  readings: Readings,
  isKnown: (type: number) => boolean,
  isTooLong: (error: unknown, meaning: string) => boolean,
): string {
  let first = 'nothing'
  for (const [name, read] of readings) {
    const value = read(message)
    if (value === undefined) continue
    if (first === 'nothing') first = name
    const writer = new StunMessageWriter(scratch)
    writer.writeHeader(message.method, message.messageClass, message.transactionId)
    try {
      value.write(writer)
    } catch (error) {
      invariant(isTooLong(error, value.meaning), `encoding what was decoded threw: ${error}`)
      continue
    }
    invariant(!writer.failed && again.decode(writer.message) === undefined, `${name} encodes to no message`)
    invariant(isKnown(again.typeAt(again.firstAttribute)), `${name} is of an unknown type`)
    invariant(read(again)?.meaning === value.meaning, `${name} means something else`)
  }
  return first
}
