import { ByteReader, ByteWriter, encodeUtf8 } from '@crowfly/bytes'
import { concat } from '../cpace/length-value.ts'
import { PairingError } from '../pairing-error.ts'
import type { SealedMessage } from '../seal/sealed-channel.ts'
import { memberIdBytes } from '../ticket/associated-data.ts'

/** Octets of a name. */
const maxNameBytes = 256
/** Members in a roster. */
const maxRoster = 64

const declineReasons = ['declined', 'busy'] as const

/** What members say to each other about entering, each as the body of a sealed message of its type. */
export type MemberMessage =
  /** A newcomer at a held door says who they are: the name, and nothing else. */
  | { readonly type: 'knock'; readonly name: string }
  /** The knock was heard: somebody is asked. */
  | { readonly type: 'wait' }
  /** This newcomer may enter. To the newcomer, who then sends the offer, and to the other members. */
  | { readonly type: 'admitted'; readonly member: Uint8Array }
  /** A member alone under the code asks its person. */
  | { readonly type: 'ringing' }
  | { readonly type: 'declined'; readonly reason: (typeof declineReasons)[number] }
  /** With whom the sender is paired: who is seen by one member only has somebody between them. */
  | { readonly type: 'roster'; readonly members: readonly Uint8Array[] }

/** The sealed message's type and body. Throws `PAIRING_MESSAGE` on a name or roster that is too long. */
export function encodeMemberMessage(message: MemberMessage): SealedMessage {
  return { type: message.type, body: encodeBody(message) }
}

/**
 * The message, the caller's to keep. Undefined when a sealed message of this type has a body of another kind (an offer,
 * say, is its application's), and when the body is not what it should be.
 */
export function decodeMemberMessage({ type, body }: SealedMessage): MemberMessage | undefined {
  const reader = new ByteReader(body)
  const message = readBody(type, reader)
  return reader.failed || reader.remaining > 0 ? undefined : message
}

function encodeBody(message: MemberMessage): Uint8Array {
  if (message.type === 'knock') return encodeName(message.name)
  if (message.type === 'admitted') return message.member
  if (message.type === 'declined') return Uint8Array.of(declineReasons.indexOf(message.reason))
  return message.type === 'roster' ? encodeRoster(message.members) : new Uint8Array(0)
}

function encodeName(name: string): Uint8Array {
  const text = encodeUtf8(name)
  if (text.length > maxNameBytes) {
    throw new PairingError('PAIRING_MESSAGE', `a name has at most ${maxNameBytes} octets, not ${text.length}`)
  }
  const writer = new ByteWriter(new Uint8Array(2 + text.length))
  writer.u16(text.length)
  writer.write(text)
  return writer.written()
}

function encodeRoster(members: readonly Uint8Array[]): Uint8Array {
  if (members.length > maxRoster) {
    throw new PairingError(
      'PAIRING_MESSAGE',
      `a roster has at most ${maxRoster} members, not ${members.length}`,
    )
  }
  return concat(Uint8Array.of(members.length), ...members)
}

function readBody(type: SealedMessage['type'], reader: ByteReader): MemberMessage | undefined {
  if (type === 'wait' || type === 'ringing') return { type }
  if (type === 'knock') return { type, name: readName(reader) }
  if (type === 'admitted') return { type, member: reader.view(memberIdBytes).slice() }
  if (type === 'roster') return { type, members: readRoster(reader) }
  if (type !== 'declined') return undefined
  const reason = declineReasons[reader.u8()]
  return reason && { type, reason }
}

function readName(reader: ByteReader): string {
  const length = reader.u16()
  if (length > maxNameBytes) reader.fail()
  return reader.utf8(length)
}

function readRoster(reader: ByteReader): readonly Uint8Array[] {
  const count = reader.u8()
  if (count > maxRoster) reader.fail()
  return Array.from({ length: reader.failed ? 0 : count }, () => reader.view(memberIdBytes).slice())
}
