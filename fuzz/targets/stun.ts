import {
  AttributeType,
  checkFingerprint,
  checkLongTermResponse,
  checkShortTermRequest,
  decodeNonce,
  decodeNonceCookie,
  encodeFingerprint,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  hasIntegrity,
  hasMessageIntegrity,
  hasMessageIntegritySha256,
  hasUnknownAttributes,
  isKnownAttribute,
  listUnknownAttributes,
  StunError,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { checkReadings } from '../attribute-readings.ts'
import { readings } from '../stun-attributes.ts'
import { KEY, quickCrypto, repairMessage, wholeWords } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const MAX_BYTES = 512

const message = new StunMessage()
const classic = new StunMessage()
const again = new StunMessage()
const before = new Uint8Array(MAX_BYTES)
const scratch = new Uint8Array(4 * MAX_BYTES)

/** Every byte the same as before: what is lent for reading is given back as it was. */
function checkUnchanged(input: Uint8Array): void {
  for (let i = 0; i < input.length; i++) invariant(input[i] === before[i], 'the input was changed')
}

/** Goes through the attributes: each inside the message, each behind the one before. Returns how many there are. */
function checkAttributes(): number {
  let count = 0
  let last = message.start
  for (let at = message.firstAttribute; at !== -1; at = message.nextAttribute(at)) {
    invariant(at > last && at + 4 + message.lengthAt(at) <= message.end, 'an attribute lies outside')
    invariant(message.valueAt(at).length === message.lengthAt(at), 'a value is not as long as it says')
    invariant(message.find(message.typeAt(at)) <= at, 'find does not find the first')
    last = at
    count++
  }
  return count
}

/** Whether a text was longer than may be sent. */
function isTooLong(error: unknown): boolean {
  return error instanceof StunError && error.code === 'STUN_ATTRIBUTE_VALUE'
}

/** The whole message, attribute by attribute and signed anew, has the same attributes and is right. */
function checkWhole(): void {
  const writer = new StunMessageWriter(scratch)
  writer.writeHeader(message.method, message.messageClass, message.transactionId)
  for (let at = message.firstAttribute; at !== -1; at = message.nextAttribute(at)) {
    const type = message.typeAt(at)
    if (type === AttributeType.MESSAGE_INTEGRITY) encodeMessageIntegrity(writer, KEY, quickCrypto)
    else if (type === AttributeType.MESSAGE_INTEGRITY_SHA256)
      encodeMessageIntegritySha256(writer, KEY, quickCrypto)
    else if (type === AttributeType.FINGERPRINT) encodeFingerprint(writer)
    else writer.writeAttribute(type, message.valueAt(at))
  }
  invariant(again.decode(writer.message) === undefined, 'what was encoded does not decode')
  let at = message.firstAttribute
  let copy = again.firstAttribute
  while (at !== -1 || copy !== -1) {
    invariant(at !== -1 && copy !== -1 && message.typeAt(at) === again.typeAt(copy), 'another attribute')
    at = message.nextAttribute(at)
    copy = again.nextAttribute(copy)
  }
  invariant(checkFingerprint(again) !== 'wrong', 'its own fingerprint is wrong')
  if (again.has(AttributeType.MESSAGE_INTEGRITY))
    invariant(hasMessageIntegrity(again, KEY, quickCrypto), 'its own MESSAGE-INTEGRITY is wrong')
  if (again.has(AttributeType.MESSAGE_INTEGRITY_SHA256))
    invariant(hasMessageIntegritySha256(again, KEY, quickCrypto), 'its own SHA-256 integrity is wrong')
}

function checkUnknown(): void {
  const unknown = listUnknownAttributes(message, isKnownAttribute, 8)
  invariant(hasUnknownAttributes(message, isKnownAttribute) === unknown.length > 0, 'unknown, or not?')
  invariant(
    unknown.every((type) => type < 0x8000),
    'an attribute that may be ignored is complained of',
  )
}

/** The message codec: what decodes is sound, is not changed, and encodes to the same meaning. */
export const target: FuzzTarget = {
  run(bytes) {
    const input = wholeWords(bytes)
    before.set(input)
    const fault = message.decode(input)
    const classicFault = classic.decodeWithClassic(input)
    if (fault !== undefined) {
      invariant(fault === 'noMagicCookie' || fault === classicFault, 'two faults for one input')
      invariant(
        message.firstAttribute === -1 && !message.has(AttributeType.FINGERPRINT),
        'a fault, and attributes',
      )
      return fault
    }
    invariant(classicFault === undefined && !classic.isClassic, 'the cookie is there, and is not')
    checkAttributes()
    const first = checkReadings(message, readings, isKnownAttribute, isTooLong)
    checkUnknown()
    const isRight = hasIntegrity(message, KEY, quickCrypto)
    const code = checkShortTermRequest(message, () => KEY, quickCrypto)
    invariant(code !== undefined || isRight, 'accepted without integrity')
    const verdict = checkLongTermResponse(message, KEY, quickCrypto)
    decodeNonceCookie(decodeNonce(message) ?? '')
    checkUnchanged(input)
    checkWhole()
    return `${checkFingerprint(message)} ${isRight} ${verdict} ${first}`
  },
  repair: repairMessage,
  dictionary: [
    ...Object.values(AttributeType).map((type) => Uint8Array.of(type >>> 8, type & 0xff)),
    ...Object.values(AttributeType).map((type) => Uint8Array.of(type >>> 8, type & 0xff, 0, 4, 0, 1, 0, 0)),
    Uint8Array.of(0x21, 0x12, 0xa4, 0x42),
    Uint8Array.of(0x80, 0x28, 0x00, 0x04, 0, 0, 0, 0),
    Uint8Array.of(0x00, 0x08, 0x00, 0x14, ...new Uint8Array(20)),
    Uint8Array.of(0x00, 0x1c, 0x00, 0x20, ...new Uint8Array(32)),
    Uint8Array.of(0x00, 0x09, 0x00, 0x04, 0, 0, 4, 20),
    Uint8Array.of(0x00, 0x20, 0x00, 0x08, 0, 1, 1, 2, 3, 4, 5, 6),
    Uint8Array.of(0x80, 0x02, 0x00, 0x08, 0, 2, 0, 0, 0, 1, 0, 0),
  ],
  maxBytes: MAX_BYTES,
}
