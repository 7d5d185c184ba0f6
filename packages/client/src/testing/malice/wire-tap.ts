/** Where some of these texts are in what was sent, in clear or in an encoding that hides nothing. */
export function findLeaks(frames: readonly Uint8Array[], secrets: readonly string[]): readonly string[] {
  const wire = Buffer.concat(frames.flatMap((frame) => [frame, Buffer.alloc(1)]))
  return secrets.flatMap((secret) =>
    forms(secret).flatMap(([form, needle]) => (wire.includes(needle) ? [`${secret} in ${form}`] : [])),
  )
}

/** How a text may look on the wire. */
function forms(secret: string): readonly (readonly [string, Buffer])[] {
  const utf8 = Buffer.from(secret)
  const utf16 = Buffer.from(secret, 'utf16le')
  const hex = utf8.toString('hex')
  return [
    ['UTF-8', utf8],
    ['UTF-16 LE', utf16],
    ['UTF-16 BE', Buffer.from(utf16).swap16()],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ...[0, 1, 2].map((offset): readonly [string, Buffer] => ['base64', inBase64(utf8, offset)]),
    ...[0, 1, 2].map((offset): readonly [string, Buffer] => [
      'base64url',
      Buffer.from(inBase64(utf8, offset).toString('latin1').replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ]
}

/** The characters of base64 that depend on these octets alone, behind `offset` others. */
function inBase64(octets: Buffer, offset: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(offset), octets])
    .toString('base64')
    .replaceAll('=', '')
  const start = Math.ceil((offset * 8) / 6)
  const end = Math.floor(((offset + octets.length) * 8) / 6)
  return Buffer.from(text.slice(start, end))
}
