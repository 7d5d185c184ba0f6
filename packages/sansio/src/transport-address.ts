/** Where a datagram or a stream comes from or goes to. */
export interface TransportAddress {
  readonly family: 4 | 6
  /** 4 or 16 bytes, as `family` says, in network order. */
  readonly address: Uint8Array
  /** 0 to 65535. */
  readonly port: number
}

/** Length in bytes of an address of this family. */
export function addressLength(family: 4 | 6): 4 | 16 {
  return family === 4 ? 4 : 16
}

/** Whether both name the same family, address and port. */
export function equalTransportAddress(a: TransportAddress, b: TransportAddress): boolean {
  if (a.family !== b.family || a.port !== b.port) return false
  const length = addressLength(a.family)
  for (let i = 0; i < length; i++) if (a.address[i] !== b.address[i]) return false
  return true
}

/** `192.0.2.1:3478` or `[2001:db8::1]:3478`. */
export function formatTransportAddress(address: TransportAddress): string {
  const text = formatAddress(address.address)
  return address.family === 4 ? `${text}:${address.port}` : `[${text}]:${address.port}`
}

/** The text of 4 or 16 address bytes: dotted decimal, or RFC 5952's canonical form. */
export function formatAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join('.')
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((address[i] ?? 0) << 8) | (address[i + 1] ?? 0))
  // RFC 5952 §5: a mapped IPv4 address keeps its dotted decimal.
  if (isMapped(groups)) return `::ffff:${address.subarray(12, 16).join('.')}`
  const run = longestZeroRun(groups)
  if (run.length < 2) return hex(groups)
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`
}

/**
 * The bytes that `text` stands for: 4 for dotted decimal, 16 for RFC 4291's forms; undefined for anything else.
 * A zone (`%eth0`) is accepted and left out.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  if (!text.includes(':')) {
    const four = new Uint8Array(4)
    return parseDotted(text, four) ? four : undefined
  }
  const zone = text.indexOf('%')
  return parseColons(zone < 0 ? text : text.slice(0, zone))
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':')
}

// RFC 5952 §4.2.3: the longest run of zero groups is shortened, the first of several.
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  }
  return best
}

/** Strict dotted decimal: four numbers up to 255 without leading zeros. */
function parseDotted(text: string, target: Uint8Array): boolean {
  let value = -1
  let part = 0
  for (let i = 0; i <= text.length; i++) {
    const digit = i < text.length ? text.charCodeAt(i) - 48 : -2
    if (digit === -2) {
      if (value < 0 || part > 3) return false
      target[part++] = value
      value = -1
    } else if (digit < 0 || digit > 9 || value === 0) {
      return false
    } else {
      value = (value < 0 ? 0 : value * 10) + digit
      if (value > 255) return false
    }
  }
  return part === 4
}

// RFC 4291 §2.2
function parseColons(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  const tail = parseGroups(halves[1] ?? '', true)
  if (head === undefined || tail === undefined) return undefined
  const length = head.length + tail.length
  // "::" stands for one group at least.
  if (halves.length === 1 ? length !== 16 : length > 14) return undefined
  const address = new Uint8Array(16)
  address.set(head)
  address.set(tail, 16 - tail.length)
  return address
}

/** Dotted decimal may stand for the last two groups of an address. */
function parseGroups(text: string, isLast: boolean): number[] | undefined {
  const bytes: number[] = []
  if (text === '') return bytes
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >>> 8, value & 0xff)
    } else {
      const four = new Uint8Array(4)
      if (!isLast || index !== groups.length - 1 || !parseDotted(group, four)) return undefined
      bytes.push(...four)
    }
  }
  return bytes
}
