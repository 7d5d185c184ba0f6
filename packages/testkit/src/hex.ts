/** The bytes of hexadecimal text, as specifications print them: what is no digit is left out. */
export function parseHex(text: string): Uint8Array {
  const digits = text.replace(/[^0-9a-f]/gi, '')
  const bytes = new Uint8Array(digits.length >>> 1)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** The hexadecimal text of bytes, lower case, without spaces. */
export function formatHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
