// PROTOCOL.md §2. Each notation is a pair: `read` takes a value from a cursor, `write` makes octets of one. What a
// receiver refuses is thrown as `Malformed`, and caught by whoever took the octets from outside.

export class Malformed extends Error {}

class Cursor {
  at = 0

  constructor(octets) {
    this.octets = octets
  }

  take(length = this.octets.length - this.at) {
    const taken = this.octets.subarray(this.at, this.at + length)
    if (taken.length !== length) throw new Malformed('it ends too early')
    this.at += length
    return taken
  }
}

/** Everything that `octets` say; there may be nothing behind it. */
export function read(form, octets) {
  const cursor = new Cursor(octets)
  const value = form.read(cursor)
  if (cursor.at !== octets.length) throw new Malformed('it ends too late')
  return value
}

export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  parts.reduce((at, part) => {
    joined.set(part, at)
    return at + part.length
  }, 0)
  return joined
}

const uint = (size) => ({
  read: (from) => from.take(size).reduce((value, octet) => value * 256 + octet, 0),
  write: (value) => Uint8Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** (size - 1 - at))),
})
export const [u8, u16, u32, u64] = [1, 2, 4, 8].map(uint)

/** `{a, b, c}`. */
export const words = (...all) => ({
  read(from) {
    const word = all[u8.read(from)]
    if (word === undefined) throw new Malformed('there is no such word')
    return word
  },
  write: (word) => u8.write(all.indexOf(word)),
})
export const bool = words(false, true)

export const octets = (length) => ({ read: (from) => from.take(length), write: (value) => value })
export const rest = octets(undefined)
export const memberId = octets(16)

/** Octets behind their length. */
const behind = (length, max) => ({
  read(from) {
    const count = length.read(from)
    if (count > max) throw new Malformed('it is longer than it may be')
    return from.take(count)
  },
  write: (value) => join(length.write(value.length), value),
})
export const upTo = (max) => behind(max < 256 ? u8 : u16, max)
export const body = behind(u32, 64_512)

export const utf8 = (text) => new TextEncoder().encode(text)
export const text = (max) => ({
  read(from) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(upTo(max).read(from))
    } catch {
      throw new Malformed('it is no text')
    }
  },
  write: (value) => upTo(max).write(utf8(value)),
})

export const list = (max, item) => ({
  read(from) {
    const count = u8.read(from)
    if (count > max) throw new Malformed('there are more than there may be')
    return Array.from({ length: count }, () => item.read(from))
  },
  write: (items) => join(u8.write(items.length), ...items.map(item.write)),
})

export const struct = (fields) => ({
  read: (from) => Object.fromEntries(Object.entries(fields).map(([name, form]) => [name, form.read(from)])),
  write: (value) => join(...Object.entries(fields).map(([name, form]) => form.write(value[name]))),
})

/** What is told apart by its first octet: `{ 0x01: ['name', fields] }`. */
export const union = (types) => ({
  read(from) {
    const [type, fields] = types[u8.read(from)] ?? []
    if (type === undefined) throw new Malformed('it is of no known type')
    return { type, ...struct(fields).read(from) }
  },
  write(value) {
    const [first, [, fields]] = Object.entries(types).find(([, [type]]) => type === value.type)
    return join(u8.write(first), struct(fields).write(value))
  },
})

/** One part of an `lv_cat` (§6.2): behind its length in LEB128, in its shortest form. Two octets reach far enough. */
export const part = behind(
  {
    read(from) {
      const low = u8.read(from)
      if (low < 128) return low
      const high = u8.read(from)
      if (high === 0) throw new Malformed('a length is not in its shortest form')
      return low - 128 + high * 128
    },
    write: (value) => Uint8Array.from(value < 128 ? [value] : [128 + (value % 128), value >> 7]),
  },
  16_383,
)
export const lvCat = (...parts) => join(...parts.map(part.write))

export const random = (length) => crypto.getRandomValues(new Uint8Array(length))
/** In a time that does not tell where they differ. */
export const isSame = (a, b) =>
  a.length === b.length && a.reduce((differs, octet, at) => differs | (octet ^ b[at]), 0) === 0
