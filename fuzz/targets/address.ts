import { encodeUtf8 } from '@crowfly/bytes'
import { formatAddress, parseAddress } from '@crowfly/sansio'
import { type FuzzTarget, invariant } from '../target.ts'

/** An address that parses is written in a form that parses to the same and is written the same. */
export const target: FuzzTarget = {
  run(input) {
    const address = parseAddress(String.fromCharCode(...input))
    if (address === undefined) return 'refused'
    const text = formatAddress(address)
    const again = parseAddress(text)
    invariant(again !== undefined && formatAddress(again) === text, `${text} is not read back`)
    invariant(
      again.length === address.length && again.every((byte, i) => byte === address[i]),
      `${text} changed`,
    )
    return `${address.length} bytes`
  },
  maxBytes: 48,
  seeds: ['192.0.2.1', '2001:db8::1', 'fe80::1%eth0', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8'].map(encodeUtf8),
  dictionary: ['::', ':0', '%', '255', '.'].map(encodeUtf8),
}
