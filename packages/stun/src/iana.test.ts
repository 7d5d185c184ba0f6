import { registryRows } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { AttributeType, isComprehensionOptional } from './attribute-type.ts'
import { ErrorCode, reasonPhrase } from './attributes/error-code.ts'
import { PasswordAlgorithmNumber } from './attributes/password-algorithm.ts'
import { Method } from './message-type.ts'
import { SecurityFeature } from './nonce-cookie.ts'

// "Session Traversal Utilities for NAT (STUN) Parameters", www.iana.org/assignments/stun-parameters, as of 2024-12-20:
// the rows whose reference is RFC 8489, without the reserved ones.
const METHODS = `
0x001 Binding`

const ATTRIBUTES = `
0x0001 MAPPED-ADDRESS
0x0006 USERNAME
0x0008 MESSAGE-INTEGRITY
0x0009 ERROR-CODE
0x000A UNKNOWN-ATTRIBUTES
0x0014 REALM
0x0015 NONCE
0x001C MESSAGE-INTEGRITY-SHA256
0x001D PASSWORD-ALGORITHM
0x001E USERHASH
0x0020 XOR-MAPPED-ADDRESS
0x8002 PASSWORD-ALGORITHMS
0x8003 ALTERNATE-DOMAIN
0x8022 SOFTWARE
0x8023 ALTERNATE-SERVER
0x8028 FINGERPRINT`

const ERROR_CODES = `
300 Try Alternate
400 Bad Request
401 Unauthenticated
420 Unknown Attribute
438 Stale Nonce
500 Server Error`

const SECURITY_FEATURES = `
0 Password algorithms
1 Username anonymity`

const PASSWORD_ALGORITHMS = `
0x0001 MD5
0x0002 SHA-256`

/** Name and value of each row, the name as a constant of ours is written. */
function rows(table: string): [string, number][] {
  return registryRows(table).map(([name, value]) => [name.toUpperCase().replaceAll(/[ -]/g, '_'), value])
}

describe('our constants and IANA’s registries', () => {
  it('agree on methods', () => {
    expect(Object.entries(Method)).toEqual(rows(METHODS))
  })

  it('agree on attributes', () => {
    expect(Object.entries(AttributeType)).toEqual(rows(ATTRIBUTES))
  })

  it('agree on error codes and their phrases', () => {
    expect(Object.entries(ErrorCode)).toEqual(rows(ERROR_CODES))
    const phrases = Object.values(ErrorCode).map((code) => `${code} ${reasonPhrase(code)}`)
    expect(phrases.join('\n')).toBe(ERROR_CODES.trim())
    expect(reasonPhrase(437)).toBe('')
  })

  it('agree on security features, whose bit 0 is the leftmost of 24', () => {
    const bits = rows(SECURITY_FEATURES).map(([name, bit]) => [name, 1 << (23 - bit)])
    expect(Object.entries(SecurityFeature)).toEqual(bits)
  })

  it('agree on password algorithms', () => {
    const numbers = rows(PASSWORD_ALGORITHMS).map(([name, number]) => [name.replace('SHA_', 'SHA'), number])
    expect(Object.entries(PasswordAlgorithmNumber)).toEqual(numbers)
  })

  it('agree on which half of the types an agent has to understand', () => {
    expect(isComprehensionOptional(0x7fff)).toBe(false)
    expect(isComprehensionOptional(0x8000)).toBe(true)
  })
})
