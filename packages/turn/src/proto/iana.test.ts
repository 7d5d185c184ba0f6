import { registryRows } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { isKnownTurnAttribute, TurnAttributeType } from './turn-attribute-type.ts'
import { TurnErrorCode, turnReasonPhrase } from './turn-error-code.ts'
import { TurnMethod } from './turn-method.ts'

// "Session Traversal Utilities for NAT (STUN) Parameters", www.iana.org/assignments/stun-parameters, as of 2024-12-20:
// the rows whose reference is RFC 8656, without the reserved ones.
const METHODS = `
0x003 Allocate
0x004 Refresh
0x006 Send
0x007 Data
0x008 CreatePermission
0x009 ChannelBind`

const ATTRIBUTES = `
0x000C CHANNEL-NUMBER
0x000D LIFETIME
0x0012 XOR-PEER-ADDRESS
0x0013 DATA
0x0016 XOR-RELAYED-ADDRESS
0x0017 REQUESTED-ADDRESS-FAMILY
0x0018 EVEN-PORT
0x0019 REQUESTED-TRANSPORT
0x001A DONT-FRAGMENT
0x0022 RESERVATION-TOKEN
0x8000 ADDITIONAL-ADDRESS-FAMILY
0x8001 ADDRESS-ERROR-CODE
0x8004 ICMP`

const ERROR_CODES = `
403 Forbidden
437 Allocation Mismatch
440 Address Family not Supported
441 Wrong Credentials
442 Unsupported Transport Protocol
443 Peer Address Family Mismatch
486 Allocation Quota Reached
508 Insufficient Capacity`

describe('our constants and IANA’s registries', () => {
  it('agree on methods', () => {
    const named = registryRows(METHODS).map(([name, value]) => [
      name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase(),
      value,
    ])
    expect(Object.entries(TurnMethod)).toEqual(named)
  })

  it('agree on attributes', () => {
    const named = registryRows(ATTRIBUTES).map(([name, value]) => [name.replaceAll('-', '_'), value])
    expect(Object.entries(TurnAttributeType)).toEqual(named)
  })

  it('agree on error codes and their phrases', () => {
    const phrases = Object.values(TurnErrorCode).map((code) => `${code} ${turnReasonPhrase(code)}`)
    expect(phrases.join('\n')).toBe(ERROR_CODES.trim())
    expect(turnReasonPhrase(438)).toBe('Stale Nonce')
    expect(turnReasonPhrase(499)).toBe('')
  })
})

describe('isKnownTurnAttribute', () => {
  it('knows those of TURN and of STUN, and no others', () => {
    for (const type of Object.values(TurnAttributeType)) expect(isKnownTurnAttribute(type)).toBe(true)
    expect(isKnownTurnAttribute(0x0006)).toBe(true)
    // CONNECTION-ID of RFC 6062, PRIORITY of RFC 8445.
    expect(isKnownTurnAttribute(0x002a)).toBe(false)
    expect(isKnownTurnAttribute(0x0024)).toBe(false)
  })
})
