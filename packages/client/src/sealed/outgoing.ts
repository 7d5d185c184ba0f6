import type { SealedMessage } from '@crowfly/pairing'
import { encodePairMessage, type PairMessage } from '@crowfly/signaling'

/** PROTOCOL.md §7: what a pair message is sealed as. Its length on the wire depends on that, and nothing else. */
function sealedType(message: PairMessage): SealedMessage['type'] {
  switch (message.type) {
    case 'open':
      return 'offer'
    case 'reply':
      return 'answer'
    case 'description':
      return message.kind
    case 'candidates':
      return 'candidates'
    default:
      return 'message'
  }
}

/** What is to be sealed. Throws a `SchemaError` on a message larger than the protocol carries. */
export function outgoing(message: PairMessage): SealedMessage {
  return { type: sealedType(message), body: encodePairMessage(message) }
}
