import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { StunError } from '../stun-error.ts'
import { decodeTextAttribute, encodeTextAttribute } from './text.ts'

const MAX_CHARACTERS = 255

// RFC 8489 §14.16, RFC 1123 §2.1: labels of letters, digits and inner hyphens, 255 characters in all.
const DNS_NAME =
  /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i

/** ALTERNATE-DOMAIN, the name that the alternate server's certificate has; undefined when absent or malformed. */
export function decodeAlternateDomain(message: StunMessage): string | undefined {
  const domain = decodeTextAttribute(message, AttributeType.ALTERNATE_DOMAIN)
  return domain !== undefined && DNS_NAME.test(domain) ? domain : undefined
}

/** Writes ALTERNATE-DOMAIN: a DNS name in ASCII, labels in other scripts as A-labels. */
export function encodeAlternateDomain(writer: StunMessageWriter, domain: string): void {
  if (!DNS_NAME.test(domain)) throw new StunError('STUN_ATTRIBUTE_VALUE', `not a DNS name: ${domain}`)
  encodeTextAttribute(writer, AttributeType.ALTERNATE_DOMAIN, domain, MAX_CHARACTERS)
}
