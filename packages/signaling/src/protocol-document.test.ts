import { readFileSync } from 'node:fs'
import { formatHex, parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { maxFrameBytes } from './index.ts'
import {
  clientFrame,
  decode,
  encode,
  pairMessage,
  pollAnswer,
  pollRequest,
  serverFrame,
  type Union,
} from './wire.ts'

const document = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')

const schemas: Readonly<Record<string, Union<object>>> = {
  clientFrame,
  serverFrame,
  pairMessage,
  pollRequest,
  pollAnswer,
}

/** In the document, `hex:…` stands for octets and `id:…` for a member id. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value.startsWith('hex:')) return parseHex(value.slice(4))
  return value.startsWith('id:') ? Buffer.from(value.slice(3), 'hex').toString('base64url') : value
}

const examples = [...document.matchAll(/```example (\w+)\n(.*?)\n---\n(.*?)\n```/gs)].map(
  ([, name = '', hex = '', json = '']) => ({
    name,
    bytes: parseHex(hex),
    message: JSON.parse(json, revive) as object,
    json,
  }),
)

describe('PROTOCOL.md', () => {
  it('has an example of most messages', () => {
    expect(examples.length).toBeGreaterThan(20)
  })

  it.each(examples)('agrees with the codec: $json', ({ name, bytes, message }) => {
    const schema = schemas[name]
    if (schema === undefined) throw new TypeError(`the document names ${name}, which is no schema`)
    expect(decode(schema, bytes)).toEqual(message)
    expect(formatHex(encode(schema, message))).toBe(formatHex(bytes))
  })

  it('names a size that no frame exceeds', () => {
    expect(document).toContain('at most 144 000 octets')
    expect(maxFrameBytes).toBeLessThanOrEqual(144_000)
  })

  it('names every type of message', () => {
    const types = [...document.matchAll(/^\| [0-9a-f]{2} +\| `(\w+)` +\|/gm)].map(([, type]) => type)
    expect(types).toHaveLength(7 + 11 + 13 + 7)
  })
})
