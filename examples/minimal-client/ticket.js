// PROTOCOL.md §6.2 to §6.4: what a newcomer works out from a ticket and a secret.
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { isSame, join, lvCat, Malformed, octets, part, random, read, struct, u8, utf8 } from './wire.js'

const version = u8.write(1)
const dsi = 'CPaceRistretto255'
const ticketForm = struct({
  first: u8,
  version: u8,
  ticketId: octets(16),
  sid: octets(32),
  Ya: octets(32),
  ADa: part,
})
const theirData = struct({ role: part, id: part, versions: part, door: part, commitA: part })

/**
 * Runs the newcomer's side of CPace. `ownSecrets` is given for the example of §6.8 only. Throws `Malformed` for a
 * ticket that may not be opened.
 */
export function openTicket({ ticket, nameplate, secret, ownId, memberId, ownSecrets }) {
  const { ticketId, sid, Ya, ADa, commitA } = readTicket(ticket, ownId, memberId)
  const { yb, rB } = ownSecrets ?? { yb: randomScalar(), rB: random(32) }

  const kind = secret.length > 0 ? 'crowfly-pair-1' : 'crowfly-open-1'
  const CI = lvCat(utf8(kind), utf8('CPACE-RISTR255-SHA512'), utf8(nameplate))
  const zpad = new Uint8Array(Math.max(0, 127 - lvCat(utf8(dsi)).length - lvCat(secret).length))
  const g = ristretto255_hasher.deriveToCurve(sha512(lvCat(utf8(dsi), secret, zpad, CI, sid)))
  const Yb = times(yb, g)
  const K = times(yb, elementOf(Ya))
  const ADb = lvCat(utf8('B'), ownId, version, version, rB)
  const T = join(lvCat(Ya, ADa), lvCat(Yb, ADb))
  const ISK = sha512(join(lvCat(utf8(`${dsi}_ISK`), sid, K), T))
  const mac = sha512(join(utf8('CPaceMac'), sid, ISK))
  const Tb = hmac(sha512, mac, lvCat(Yb, ADb))

  const PRK = extract(sha512, ISK, utf8('crowfly-pair-1'))
  const derive = (label, length) => expand(sha512, PRK, join(utf8('crowfly-pair-1 '), label), length)
  const key = (label) => derive(utf8(label), 32)
  return {
    ticketId,
    pid: sha512(join(utf8('CPaceSidOutput'), T)).slice(0, 8),
    /** `open` up to its envelope. */
    openHead: join(u8.write(3), ticketId, Yb, Tb, lvCat(ADb)),
    Ta: hmac(sha512, mac, lvCat(Ya, ADa)),
    sealAB: key('seal a>b'),
    sealBA: key('seal b>a'),
    bindAB: key('bind a>b'),
    bindBA: key('bind b>a'),
    isCommitted: (rA) => isSame(commitA, sha512(lvCat(utf8('crowfly-pair-1 commit'), sid, rA)).slice(0, 32)),
    emoji: (rA) => sevenTimesSixBits(derive(join(utf8('emoji'), rA, rB), 6)),
  }
}

function readTicket(from, ownId, theirId) {
  const ticket = read(ticketForm, from)
  const { role, id, versions, door, commitA } = read(theirData, ticket.ADa)
  const isAscending = versions.every((one, at) => at === 0 || one > versions[at - 1])
  if (ticket.first !== 2 || !isSame(role, utf8('A')) || commitA.length !== 32)
    throw new Malformed('it is no ticket')
  if (ticket.version !== 1 || !versions.includes(1) || !isAscending || versions.length > 16)
    throw new Malformed('it is of another version')
  if (!isSame(id, theirId) || isSame(id, ownId)) throw new Malformed('it is somebody else’s')
  if (!isSame(door, u8.write(0))) throw new Malformed('their door is held')
  return { ...ticket, commitA }
}

function elementOf(from) {
  try {
    return ristretto255.Point.fromBytes(from)
  } catch {
    throw new Malformed('no element')
  }
}

function times(scalar, element) {
  if (element.is0()) throw new Malformed('the neutral element')
  return element.multiply(scalar.reduceRight((value, octet) => value * 256n + BigInt(octet), 0n)).toBytes()
}

function randomScalar() {
  const scalar = random(32)
  scalar[31] &= 0x0f
  return scalar
}

function sevenTimesSixBits(from) {
  const bits = Array.from(from, (octet) => octet.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: 7 }, (_, place) => Number.parseInt(bits.slice(6 * place, 6 * place + 6), 2))
}
