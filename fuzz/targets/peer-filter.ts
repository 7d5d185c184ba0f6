import { formatAddress } from '@crowfly/sansio'
import { PeerFilter, type PeerVerdict, parseCidr } from '@crowfly/turn'
import { type FuzzTarget, invariant } from '../target.ts'

/** An IPv6 address that stands for an IPv4 one: where its four bytes lie, and what is in front. */
interface Form {
  readonly name: string
  readonly prefix: readonly number[]
  readonly at: number
  readonly isInverted?: boolean
}

const ZEROS = new Array<number>(8).fill(0)
const FORMS: readonly Form[] = [
  { name: 'mapped', prefix: [...ZEROS, 0, 0, 0xff, 0xff], at: 12 },
  { name: 'compatible', prefix: [...ZEROS, 0, 0, 0, 0], at: 12 },
  { name: 'translated', prefix: [...ZEROS, 0xff, 0xff, 0, 0], at: 12 },
  { name: 'NAT64', prefix: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 },
  { name: 'local NAT64', prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: 12 },
  { name: '6to4', prefix: [0x20, 0x02], at: 2 },
  { name: 'Teredo server', prefix: [0x20, 0x01, 0, 0], at: 4 },
  { name: 'Teredo client', prefix: [0x20, 0x01, 0, 0], at: 12, isInverted: true },
]

const EVERYTHING = ['0.0.0.0/0', '::/0'].flatMap((text) => parseCidr(text) ?? [])
const plain = new PeerFilter()
/** Denies no IPv6 address for itself: only for the IPv4 address that it stands for. */
const lenient = new PeerFilter({ allow: EVERYTHING.filter(({ address }) => address.length === 16) })

/** The address in a form; `filler` is what the form leaves open. */
function spell({ prefix, at, isInverted = false }: Form, ipv4: Uint8Array, filler: Uint8Array): Uint8Array {
  const address = filler.slice()
  address.set(prefix)
  address.set(isInverted ? ipv4.map((octet) => octet ^ 0xff) : ipv4, at)
  return address
}

/** An IPv4 address, a length of a prefix of it, the rest of that network's address, and 16 bytes to fill forms with. */
export const target: FuzzTarget = {
  run(input) {
    const bytes = new Uint8Array(25)
    bytes.set(input.subarray(0, 25))
    const [ipv4, rest, filler] = [bytes.subarray(0, 4), bytes.subarray(5, 9), bytes.subarray(9)]
    const prefixBits = (bytes[4] ?? 0) % 33
    const network = rest.map((octet, i) => {
      const mask = 0xff & (0xff00 >>> Math.min(8, Math.max(0, prefixBits - 8 * i)))
      return ((ipv4[i] ?? 0) & mask) | (octet & ~mask)
    })
    const denying = new PeerFilter({ allow: EVERYTHING, deny: [{ address: network, prefixBits }] })
    invariant(denying.judge(ipv4) === 'denied', `${formatAddress(ipv4)} is not denied by its own network`)
    const verdict = plain.judge(ipv4)
    invariant(verdict !== 'allowed', 'allowed, though nobody did')
    const others: PeerVerdict[] = []
    for (const form of FORMS) {
      // `::` and `::1` and their like are no IPv4 addresses.
      if (form.name === 'compatible' && ipv4[0] === 0) continue
      const address = spell(form, ipv4, filler)
      const text = `${formatAddress(address)} (${form.name})`
      invariant(denying.judge(address) === 'denied', `${text} is not denied, and its IPv4 address is`)
      const other = lenient.judge(address)
      invariant(verdict !== 'denied' || other === 'denied', `${text} is ${other}, its IPv4 address denied`)
      invariant(plain.judge(address) === 'denied', `${text} is a way through somebody's translator`)
      others.push(other)
    }
    return `${verdict}: ${others.join()}`
  },
  maxBytes: 32,
}
