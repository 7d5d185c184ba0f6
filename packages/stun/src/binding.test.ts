import { forEachSeed, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { checkFingerprint } from './attributes/fingerprint.ts'
import { encodeMappedAddress } from './attributes/mapped-address.ts'
import { decodeSoftware } from './attributes/software.ts'
import { encodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
import { decodeReflexiveAddress, encodeBindingRequest } from './binding.ts'
import { StunMessage } from './message.ts'
import { StunMessageWriter } from './message-writer.ts'
import { createTransactionId } from './transaction-id.ts'

function responseWith(write: (writer: StunMessageWriter) => void): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(128))
  writer.writeHeader(0x001, 'successResponse', new Uint8Array(12))
  write(writer)
  const response = new StunMessage()
  expect(response.decode(writer.message)).toBeUndefined()
  return response
}

describe('a Binding request', () => {
  it('is 20 bytes when nothing is asked for', () => {
    expect(encodeBindingRequest(new Uint8Array(12)).length).toBe(20)
  })

  it('carries SOFTWARE and FINGERPRINT when asked to', () => {
    const message = new StunMessage()
    const bytes = encodeBindingRequest(new Uint8Array(12), { software: 'crowfly', hasFingerprint: true })
    expect(message.decode(bytes)).toBeUndefined()
    expect(decodeSoftware(message)).toBe('crowfly')
    expect(checkFingerprint(message)).toBe('right')
  })

  it('has another transaction id each time', () => {
    forEachSeed(3, (seed) => {
      const random = new SeededRandom(seed)
      const ids = new Set(Array.from({ length: 100 }, () => createTransactionId(random).join()))
      expect(ids.size).toBe(100)
    })
  })
})

describe('the reflexive address', () => {
  const address = { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 1 } as const
  const other = { ...address, port: 2 }

  it('is XOR-MAPPED-ADDRESS if it is there, else MAPPED-ADDRESS', () => {
    const both = responseWith((writer) => {
      encodeMappedAddress(writer, other)
      encodeXorMappedAddress(writer, address)
    })
    expect(decodeReflexiveAddress(both)?.port).toBe(1)
    expect(decodeReflexiveAddress(responseWith((writer) => encodeMappedAddress(writer, other)))?.port).toBe(2)
  })

  it('is none in a response that tells none', () => {
    expect(decodeReflexiveAddress(responseWith(() => {}))).toBeUndefined()
  })
})
