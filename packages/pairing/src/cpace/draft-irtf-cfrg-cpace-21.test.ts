import { ByteReader, encodeUtf8 } from '@crowfly/bytes'
import { formatHex, parseHex } from '@crowfly/testkit'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { confirmationKey, confirmationTag, makeShare, sessionKey, sidOutput, transcript } from './cpace.ts'
import { calculateGenerator, generatorString } from './generator.ts'
import { concatLengthValue, prependLength, readLengthValue } from './length-value.ts'
import { deriveElement, multiply } from './ristretto.ts'

const text = encodeUtf8
const range = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)

// Appendix A.1.2
describe('prepend_len', () => {
  it.each([
    ['b""', text(''), '00'],
    ['b"1234"', text('1234'), '0431323334'],
    ['bytes(range(127))', range(127), `7f${formatHex(range(127))}`],
    ['bytes(range(128))', range(128), `8001${formatHex(range(128))}`],
  ])('of %s', (_, input, output) => {
    expect(formatHex(prependLength(input))).toBe(output)
    const reader = new ByteReader(parseHex(output))
    expect(readLengthValue(reader, 128)).toEqual(input)
    expect(reader.failed).toBe(false)
  })

  it.each([
    ['a length in more octets than it needs', '8000'],
    ['a length of two octets that needs one', `ff00${formatHex(range(127))}`],
    ['a length of four octets', '80808001'],
    ['a length without an end', 'ff'],
    ['less than the length says', '0431'],
    ['more than there may be', `8101${formatHex(range(129))}`],
  ])('is not read from %s', (_, input) => {
    const reader = new ByteReader(parseHex(input))
    expect(readLengthValue(reader, 128)).toHaveLength(0)
    expect(reader.failed).toBe(true)
  })
})

// Appendix A.1.4
it('lv_cat', () => {
  const parts = ['1234', '5', '', '678'].map(text)
  expect(formatHex(concatLengthValue(...parts))).toBe('043132333401350003363738')
})

// Appendix A.3.5
describe('transcript_ir', () => {
  it.each([
    ['123', 'PartyA', '234', 'PartyB', '03313233065061727479410332333406506172747942'],
    ['3456', 'PartyA', '2345', 'PartyB', '043334353606506172747941043233343506506172747942'],
  ])('of %s, %s, %s, %s', (shareA, associatedA, shareB, associatedB, output) => {
    const a = { share: text(shareA), associated: text(associatedA) }
    const b = { share: text(shareB), associated: text(associatedB) }
    expect(formatHex(transcript(a, b))).toBe(output)
  })
})

// Appendix B.3; testvectors.json has it as G_Coffee25519.
const vector = {
  PRS: '50617373776F7264',
  CI: '0B415F696E69746961746F720B425F726573706F6E646572',
  sid: '7E4B4791D6A8EF019B936C79FB7F2C57',
  g: '222B6B195FE84B1652BADB6F6A3AE3D24341E7306967F0B8115B40D5698C7E56',
  ya: 'DA3D23700A9E5699258AEF94DC060DFDA5EBB61F02A5EA77FAD53F4FF0976D08',
  ADa: '414461',
  Ya: 'D6BAC480F2C386C394EFC7C47ADB9925DCD2630B64F240C50F8D0EEC482B9157',
  yb: 'D2316B454718C35362D83D69DF6320F38578ED5984651435E2949762D900B80D',
  ADb: '414462',
  Yb: '3EA7E0B19560D7C0B0F5734F63B955286DFA8232B5EBE63324E2D9E7433F7258',
  K: '80B69A8A76457AB6A4D7F887A4BF6B55A2F80AC19C333F917A05FC9887C8B40F',
  ISK_IR:
    'B69EFFBF61B51D56401C0F65601ABE428DE8206FEAAF0E32198896DCAE7B35CD2B38950A39DFD5D4A79164614C2984F7DAA460B588C1E80C3FA2068AF7900447',
  sid_output_ir:
    'BB1C449B35F0EA79A65C209F329A693D475E0CE2387BED9FE4B78F60B2A27C219813FB2CFE175EF40D2222D9261E66DA7D78F7C55A303B1B8611DCDFAB880C47',
} as const
const value = (name: keyof typeof vector): Uint8Array => parseHex(vector[name])
const input = { password: value('PRS'), channel: value('CI'), sid: value('sid') }
const a = { share: value('Ya'), associated: value('ADa') }
const b = { share: value('Yb'), associated: value('ADb') }

describe('CPACE-RISTR255-SHA512', () => {
  it('generator_string, with a zero pad of 100 octets', () => {
    expect(formatHex(generatorString(input))).toBe(
      `${formatHex(text('\x11CPaceRistretto255\x08Password'))}64${'00'.repeat(100)}18${formatHex(input.channel)}10${formatHex(input.sid)}`,
    )
    expect(generatorString(input)).toHaveLength(170)
  })

  it('the hash, and the element derived from it', () => {
    const hash = sha512(generatorString(input))
    expect(formatHex(hash)).toBe(
      'da6d3ddc8802fca9058755ffd3ebde08a9c2c74945901a258482a288b6663af06bf645c93cd1c51512307199c80e84908916d983b34af77205f90851a657ee27',
    )
    expect(deriveElement(hash)).toEqual(value('g'))
    expect(calculateGenerator(input)).toEqual(value('g'))
  })

  it('a long password leaves no room for zeros', () => {
    expect(generatorString({ ...input, password: new Uint8Array(200) })[18 + 202]).toBe(0)
    expect(generatorString({ ...input, password: new Uint8Array(200) })).toHaveLength(18 + 202 + 1 + 25 + 17)
  })

  it.each([
    ['ya', 'Ya'],
    ['yb', 'Yb'],
  ] as const)('makes of %s the share %s', (scalar, share) => {
    // The vector's scalar in place of a random one; the bits that it has not are cleared.
    const random = {
      fill: (target: Uint8Array) =>
        target.set(value(scalar).map((octet, i) => (i < 31 ? octet : octet | 0xf0))),
    }
    expect(makeShare(input, random)).toEqual({ scalar: value(scalar), share: value(share) })
  })

  it('never takes zero for a scalar', () => {
    const draws = [
      new Uint8Array(32),
      Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 0xf0 : 0)),
      value('ya'),
    ]
    expect(makeShare(input, { fill: (target) => target.set(draws.shift() ?? target) }).share).toEqual(a.share)
    expect(draws).toHaveLength(0)
  })

  it('both sides have the same K', () => {
    expect(multiply(value('ya'), b.share)).toEqual(value('K'))
    expect(multiply(value('yb'), a.share)).toEqual(value('K'))
  })

  it('both sides have the same ISK, and no scalar any more', () => {
    const spoken = transcript(a, b)
    for (const [scalar, share] of [
      [value('ya'), b.share],
      [value('yb'), a.share],
    ] as const) {
      expect(sessionKey(input.sid, scalar, share, spoken)).toEqual(value('ISK_IR'))
      expect(scalar).toEqual(new Uint8Array(32))
    }
  })

  it('sid_output_ir', () => expect(sidOutput(transcript(a, b))).toEqual(value('sid_output_ir')))

  // §10.4 has no vectors: the construction once more, in other words.
  it('its tags are HMACs of what each side has sent', async () => {
    const { createHash, createHmac } = await import('node:crypto')
    const key = createHash('sha512').update('CPaceMac').update(input.sid).update(value('ISK_IR')).digest()
    expect(formatHex(confirmationKey(input.sid, value('ISK_IR')))).toBe(key.toString('hex'))
    const tag = createHmac('sha512', key)
      .update(parseHex(`20${vector.Ya}03${vector.ADa}`))
      .digest('hex')
    expect(formatHex(confirmationTag(key, a))).toBe(tag)
    expect(formatHex(confirmationTag(key, b))).not.toBe(tag)
  })
})

// Appendix B.3; testvectors.json has them as G_Coffee25519_points.
describe('scalar_mult_vfy', () => {
  const scalar = '7CD0E075FA7955BA52C02759A6C90DBBFC10E6D40AEA8D283E407D88CF538A05'

  it('multiplies a valid element', () => {
    const element = '2C3C6B8C4F3800E7AEF6864025B4ED79BD599117E427C41BD47D93D654B4A51C'
    const product = '7C13645FE790A468F62C39BEB7388E541D8405D1ADE69D1778C5FE3E7F6B600E'
    expect(multiply(parseHex(scalar), parseHex(element))).toEqual(parseHex(product))
  })

  it.each([
    ['Invalid Y1', '2B3C6B8C4F3800E7AEF6864025B4ED79BD599117E427C41BD47D93D654B4A51C'],
    ['Invalid Y2, the identity', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['an element that is too short', '00'],
    ['nothing', ''],
  ])('ends the run at %s', (_, element) => {
    expect(multiply(parseHex(scalar), parseHex(element))).toBeUndefined()
    expect(sessionKey(input.sid, parseHex(scalar), parseHex(element), transcript(a, b))).toBeUndefined()
  })
})
