import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { StunMessage } from '../message.ts'
import { StunMessageWriter } from '../message-writer.ts'
import {
  decodePasswordAlgorithm,
  encodePasswordAlgorithm,
  type PasswordAlgorithm,
  PasswordAlgorithmNumber,
} from './password-algorithm.ts'
import {
  agreedPasswordAlgorithm,
  choosePasswordAlgorithm,
  decodePasswordAlgorithms,
  encodePasswordAlgorithms,
} from './password-algorithms.ts'

const MD5: PasswordAlgorithm = { number: PasswordAlgorithmNumber.MD5, parameters: new Uint8Array(0) }
const SHA256: PasswordAlgorithm = { number: PasswordAlgorithmNumber.SHA256, parameters: new Uint8Array(0) }
const NOVEL: PasswordAlgorithm = { number: 0x1234, parameters: Uint8Array.of(1, 2, 3, 4, 5) }

function messageWith(write: (writer: StunMessageWriter) => void): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(0x003, 'request', new Uint8Array(12))
  write(writer)
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

describe('PASSWORD-ALGORITHMS and PASSWORD-ALGORITHM', () => {
  it('give lists and choices back, parameters and all', () => {
    const message = messageWith((writer) => {
      encodePasswordAlgorithms(writer, [NOVEL, SHA256, MD5])
      encodePasswordAlgorithm(writer, NOVEL)
    })
    expect(decodePasswordAlgorithms(message)).toEqual([NOVEL, SHA256, MD5])
    expect(decodePasswordAlgorithm(message)).toEqual(NOVEL)
  })

  it('take last parameters without their padding', () => {
    const message = messageWith((writer) =>
      writer.writeAttribute(0x8002, parseHex('0002 0000 1234 0005 0102030405')),
    )
    expect(decodePasswordAlgorithms(message)).toEqual([SHA256, NOVEL])
  })

  it.each([
    ['empty', ''],
    ['cut in the number', '00'],
    ['cut in the parameters', '1234 0005 0102'],
    ['cut in the second entry', '0002 0000 0001'],
  ])('are undefined when %s', (_, value) => {
    const message = messageWith((writer) => {
      writer.writeAttribute(0x8002, parseHex(value))
      writer.writeAttribute(0x001d, parseHex(value))
    })
    expect(decodePasswordAlgorithms(message)).toBeUndefined()
    expect(decodePasswordAlgorithm(message)).toBeUndefined()
  })

  it('are undefined when there are two where one belongs', () => {
    const message = messageWith((writer) => writer.writeAttribute(0x001d, parseHex('0002 0000 0001 0000')))
    expect(decodePasswordAlgorithm(message)).toBeUndefined()
  })
})

// RFC 8489 §9.2.5
describe('the client’s choice', () => {
  it('is the first that it supports', () => {
    expect(choosePasswordAlgorithm([NOVEL, SHA256, MD5])).toBe(SHA256)
    expect(choosePasswordAlgorithm([MD5, SHA256])).toBe(MD5)
  })

  it('is none when it supports none', () => {
    expect(choosePasswordAlgorithm([NOVEL])).toBeUndefined()
    expect(choosePasswordAlgorithm([{ ...SHA256, parameters: Uint8Array.of(1) }])).toBeUndefined()
  })
})

// RFC 8489 §9.2.4
describe('the algorithm of a request', () => {
  const offered = [SHA256, MD5]

  it('is MD5 when the client knows neither attribute', () => {
    expect(
      agreedPasswordAlgorithm(
        messageWith(() => {}),
        offered,
      ),
    ).toEqual(MD5)
  })

  it('is the one chosen from the list that the server sent', () => {
    const message = messageWith((writer) => {
      encodePasswordAlgorithms(writer, offered)
      encodePasswordAlgorithm(writer, SHA256)
    })
    expect(agreedPasswordAlgorithm(message, offered)).toEqual(SHA256)
  })

  it.each<[string, readonly PasswordAlgorithm[] | undefined, PasswordAlgorithm | undefined]>([
    ['the list is missing', undefined, SHA256],
    ['the choice is missing', [SHA256, MD5], undefined],
    ['the list was shortened', [MD5], MD5],
    ['the list was lengthened', [SHA256, MD5, NOVEL], SHA256],
    ['the list was reordered', [MD5, SHA256], MD5],
    ['the choice is not on the list', [SHA256, MD5], NOVEL],
  ])('is none when %s', (_, list, choice) => {
    const message = messageWith((writer) => {
      if (list !== undefined) encodePasswordAlgorithms(writer, list)
      if (choice !== undefined) encodePasswordAlgorithm(writer, choice)
    })
    expect(agreedPasswordAlgorithm(message, offered)).toBeUndefined()
  })
})
