import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '@crowfly/bytes'
import { SchemaError } from './schema-error.ts'

/**
 * How one value lies on the wire: PROTOCOL.md §2 has a row for each kind.
 *
 * `read` never throws: what it refuses ends in `reader.failed`. `write` throws a `SchemaError` on a value that the
 * kind cannot carry, since that is the caller's mistake.
 */
export interface Field<T> {
  /** The most octets that a value takes. */
  readonly maxBytes: number
  write(writer: ByteWriter, value: T): void
  read(reader: ByteReader): T
}

/** The TypeScript type of what a field carries. */
export type ValueOf<F> = F extends Field<infer T> ? T : never

type Fields = Readonly<Record<string, Field<unknown>>>
type ValuesOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> }
type Flat<T> = { [K in keyof T]: T[K] }

/** An unsigned integer of `octets` octets, most significant first. */
function unsigned(octets: 1 | 2 | 4, kind: 'u8' | 'u16' | 'u32'): Field<number> {
  const limit = 2 ** (8 * octets)
  return {
    maxBytes: octets,
    write(writer, value) {
      if (!Number.isInteger(value) || value < 0 || value >= limit) {
        throw new SchemaError(`${value} is no ${kind}`)
      }
      writer[kind](value)
    },
    read: (reader) => reader[kind](),
  }
}

export const u8 = unsigned(1, 'u8')
export const u16 = unsigned(2, 'u16')
export const u32 = unsigned(4, 'u32')

/** One octet: 0 or 1. */
export const bool: Field<boolean> = {
  maxBytes: 1,
  write: (writer, value) => writer.u8(value ? 1 : 0),
  read(reader) {
    const value = reader.u8()
    if (value > 1) reader.fail()
    return value === 1
  },
}

/** One octet: the place of a word in `words`. */
export function choice<const W extends readonly [string, ...string[]]>(words: W): Field<W[number]> {
  return {
    maxBytes: 1,
    write(writer, value) {
      const place = words.indexOf(value)
      if (place < 0) throw new SchemaError(`${value} is none of ${words.join(', ')}`)
      writer.u8(place)
    },
    read(reader) {
      const word = words[reader.u8()]
      if (word === undefined) reader.fail()
      return word ?? words[0]
    },
  }
}

/** `slice` would do, were it not that a Buffer's is a view. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** Exactly `length` octets. What is read is borrowed from the input: for a `mapped` field, which makes it its own. */
export function borrowed(length: number): Field<Uint8Array> {
  return {
    maxBytes: length,
    write(writer, value) {
      if (value.length !== length) throw new SchemaError(`${value.length} octets instead of ${length}`)
      writer.write(value)
    },
    read: (reader) => reader.view(length),
  }
}

/** Exactly `length` octets. What is read is a copy. */
export function fixed(length: number): Field<Uint8Array> {
  return { ...borrowed(length), read: (reader) => copy(reader.view(length)) }
}

/** A length octet that is 0 or `length`, then so many octets. What is read is a copy. */
export function fixedOrEmpty(length: number): Field<Uint8Array> {
  return {
    maxBytes: 1 + length,
    write(writer, value) {
      if (value.length !== 0 && value.length !== length) {
        throw new SchemaError(`${value.length} octets instead of 0 or ${length}`)
      }
      writer.u8(value.length)
      writer.write(value)
    },
    read(reader) {
      const found = reader.u8()
      if (found !== 0 && found !== length) reader.fail()
      return copy(reader.view(found))
    },
  }
}

/** A length (u8 if `max` is below 256, else u16), then so many octets. What is read is a copy. */
export function octets(max: number): Field<Uint8Array> {
  const length = max < 256 ? u8 : u16
  return {
    maxBytes: length.maxBytes + max,
    write(writer, value) {
      if (value.length > max) throw new SchemaError(`${value.length} octets; at most ${max} fit`)
      length.write(writer, value.length)
      writer.write(value)
    },
    read(reader) {
      const found = length.read(reader)
      if (found > max) reader.fail()
      return copy(reader.view(found))
    },
  }
}

/** All octets that are left, at most `max`. Only as the last field. What is read is borrowed from the input. */
export function rest(max: number): Field<Uint8Array> {
  return {
    maxBytes: max,
    write(writer, value) {
      if (value.length > max) throw new SchemaError(`${value.length} octets; at most ${max} fit`)
      writer.write(value)
    },
    read(reader) {
      if (reader.remaining > max) reader.fail()
      return reader.view(reader.remaining)
    },
  }
}

/** A length in octets (u32), then so many octets, at most `max`. What is read is borrowed from the input. */
export function sized(max: number): Field<Uint8Array> {
  return {
    maxBytes: 4 + max,
    write(writer, value) {
      if (value.length > max) throw new SchemaError(`${value.length} octets; at most ${max} fit`)
      writer.u32(value.length)
      writer.write(value)
    },
    read(reader) {
      const found = reader.u32()
      if (found > max) reader.fail()
      return reader.view(found)
    },
  }
}

/** A length in octets (u8 if `max` is below 256, else u16), then UTF-8 text, well-formed (RFC 3629 §3). */
export function text(max: number): Field<string> {
  const length = max < 256 ? u8 : u16
  return {
    maxBytes: length.maxBytes + max,
    write(writer, value) {
      const bytes = encodeUtf8(value)
      if (bytes.length > max) throw new SchemaError(`${bytes.length} octets of text; at most ${max} fit`)
      length.write(writer, bytes.length)
      writer.write(bytes)
    },
    read(reader) {
      const found = length.read(reader)
      if (found > max) reader.fail()
      const value = decodeUtf8(reader.view(found))
      if (value === undefined) reader.fail()
      return value ?? ''
    },
  }
}

/** A count (u8), then so many items. `max` is at most 255. */
export function list<T>(item: Field<T>, max: number): Field<readonly T[]> {
  return {
    maxBytes: 1 + max * item.maxBytes,
    write(writer, values) {
      if (values.length > max) throw new SchemaError(`${values.length} items; at most ${max} fit`)
      writer.u8(values.length)
      for (const value of values) item.write(writer, value)
    },
    read(reader) {
      const count = reader.u8()
      if (count > max) reader.fail()
      const values: T[] = []
      while (values.length < count && !reader.failed) values.push(item.read(reader))
      return values
    },
  }
}

/** `field` on the wire, another value in the program. `parse` says undefined to what it refuses. */
export function mapped<Wire, T>(
  field: Field<Wire>,
  parse: (wire: Wire) => T | undefined,
  format: (value: T) => Wire | undefined,
  blank: T,
): Field<T> {
  return {
    maxBytes: field.maxBytes,
    write(writer, value) {
      const wire = format(value)
      if (wire === undefined) throw new SchemaError(`${String(value)} has no form on the wire`)
      field.write(writer, wire)
    },
    read(reader) {
      const wire = field.read(reader)
      const value = reader.failed ? undefined : parse(wire)
      if (value === undefined) reader.fail()
      return value ?? blank
    },
  }
}

/** A field and its name in the program. */
interface NamedField {
  readonly name: string
  readonly field: Field<unknown>
}

// Objects rather than pairs: taking a pair apart runs its iterator, for each field of each message.
function namedFields(fields: Fields): readonly NamedField[] {
  return Object.entries(fields).map(([name, field]) => ({ name, field }))
}

/** One field after the other, in the order given, without names or padding. */
export function struct<const F extends Fields>(fields: F): Field<ValuesOf<F>> {
  const named = namedFields(fields)
  return {
    maxBytes: named.reduce((sum, { field }) => sum + field.maxBytes, 0),
    write(writer, value) {
      for (const { name, field } of named) field.write(writer, value[name])
    },
    read(reader) {
      const value: Record<string, unknown> = {}
      for (const { name, field } of named) value[name] = field.read(reader)
      // The loop has just filled in every key of F; the type system cannot follow a loop.
      return value as ValuesOf<F>
    },
  }
}

type Variants = Readonly<Record<string, readonly [code: number, fields: Fields]>>

/** A discriminated union: `type` is the variant's name. */
export type MessageOf<V extends Variants> = {
  [T in keyof V & string]: Flat<{ readonly type: T } & ValuesOf<V[T][1]>>
}[keyof V & string]

/** A field whose first octet says which variant follows. */
export interface Union<T> extends Field<T> {
  has(code: number): boolean
}

/** One octet that names the variant, then its fields as in `struct`. */
export function union<const V extends Variants>(variants: V): Union<MessageOf<V>> {
  const byName = new Map<string, { code: number; named: readonly NamedField[] }>()
  const byCode: ({ name: string; named: readonly NamedField[] } | undefined)[] = new Array(256).fill(
    undefined,
  )
  let maxBytes = 0
  for (const [name, [code, fields]] of Object.entries(variants)) {
    const named = namedFields(fields)
    byName.set(name, { code, named })
    byCode[code] = { name, named }
    maxBytes = Math.max(
      maxBytes,
      named.reduce((sum, { field }) => sum + field.maxBytes, 1),
    )
  }
  return {
    maxBytes,
    has: (code) => byCode[code] !== undefined,
    write(writer, message) {
      const values: Readonly<Record<string, unknown>> = message
      const variant = byName.get(message.type)
      if (variant === undefined) throw new SchemaError(`there is no message of the type ${message.type}`)
      writer.u8(variant.code)
      for (const { name, field } of variant.named) field.write(writer, values[name])
    },
    read(reader) {
      const variant = byCode[reader.u8()]
      if (variant === undefined) reader.fail()
      const message: Record<string, unknown> = { type: variant?.name }
      for (const { name, field } of variant?.named ?? []) message[name] = field.read(reader)
      // As in `struct`; of an unknown type nothing but `failed` is looked at.
      return message as MessageOf<V>
    },
  }
}

/** Why bytes are no message. */
export type Malformed = 'empty' | 'unknownType' | 'badField' | 'trailingBytes'

/**
 * The message in `bytes[start..end)`, or why there is none. Never throws. `rest` fields are borrowed from `bytes`;
 * everything else is the message's own.
 */
export function decode<T extends object>(
  schema: Union<T>,
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): T | Malformed {
  const reader = new ByteReader(bytes, start, end)
  if (reader.remaining === 0) return 'empty'
  if (!schema.has(bytes[start] ?? 0)) return 'unknownType'
  const message = schema.read(reader)
  if (reader.failed) return 'badField'
  return reader.remaining === 0 ? message : 'trailingBytes'
}

/** Grown to the largest message seen; each message leaves it as a copy of just its size. */
let scratch = new Uint8Array(4096)

/** The octets of `message`, the caller's to keep. Throws a `SchemaError` on what the schema cannot carry. */
export function encode<T>(schema: Field<T>, message: T, maxBytes = schema.maxBytes): Uint8Array {
  for (;;) {
    const writer = new ByteWriter(scratch)
    schema.write(writer, message)
    if (!writer.failed) {
      if (writer.length > maxBytes) throw new SchemaError(`${writer.length} octets; at most ${maxBytes} fit`)
      return scratch.slice(0, writer.length)
    }
    scratch = new Uint8Array(Math.max(scratch.length * 4, 4096))
  }
}
