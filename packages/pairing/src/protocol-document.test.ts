import { readFileSync } from 'node:fs'
import { encodeUtf8 } from '@crowfly/bytes'
import { formatHex, parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { confirmationKey, confirmationTag, sessionKey, sidOutput, transcript } from './cpace/cpace.ts'
import { calculateGenerator } from './cpace/generator.ts'
import { multiply } from './cpace/ristretto.ts'
import { sealEnvelope } from './seal/envelope-cipher.ts'
import { PairingKeys } from './seal/pairing-keys.ts'
import { encodePlaintext } from './seal/plaintext.ts'
import { encodeUnknown } from './seal/unknown-pairing.ts'
import { encodeMemberAssociated, encodeNewcomerAssociated } from './ticket/associated-data.ts'
import { encodeOpen } from './ticket/open-message.ts'
import { encodeRefusal } from './ticket/refusal.ts'
import { encodeReply } from './ticket/reply.ts'
import { RoomSecret } from './ticket/room-secret.ts'
import { encodeTicket } from './ticket/ticket.ts'
import { Binding } from './verify/bind.ts'
import { commitTo } from './verify/commitment.ts'
import { chooseEmoji, emojiBytes } from './verify/emoji.ts'

const document = readFileSync(new URL('../../signaling/PROTOCOL.md', import.meta.url), 'utf8')

/** What PROTOCOL.md says of a value of the example in §6.8. */
function documented(name: string): string {
  const row = document.split('\n').find((line) => line.startsWith(`| \`${name}\` `))
  return row?.split('|')[2]?.replaceAll(/[` ]/g, '') ?? ''
}

const nothing = new Uint8Array(0)
const given = (name: string): Uint8Array => parseHex(documented(name))

function multiplied(scalar: Uint8Array, element: Uint8Array): Uint8Array {
  return multiply(scalar, element) ?? nothing
}

/** Everything that follows from what the example is given. */
function derive(): Readonly<Record<string, string>> {
  const [idA, idB, sid, rA, rB] = ['idA', 'idB', 'sid', 'rA', 'rB'].map(given)
  const secret = new RoomSecret({
    kind: 'words',
    nameplate: '4821',
    words: ['canoe', 'velvet', 'maple'],
  })
  if (idA === undefined || idB === undefined || sid === undefined) return {}
  if (rA === undefined || rB === undefined) return {}
  const generator = calculateGenerator(secret.input(sid))
  const commitment = commitTo(rA, sid)
  const a = {
    share: multiplied(given('ya'), generator),
    associated: encodeMemberAssociated({ id: idA, versions: [1], door: 'open', commitment }),
  }
  const b = {
    share: multiplied(given('yb'), generator),
    associated: encodeNewcomerAssociated({ id: idB, version: 1, versions: [1], nonce: rB }),
  }
  const spoken = transcript(a, b)
  const key = sessionKey(sid, given('yb'), a.share, spoken) ?? nothing
  const isk = key.slice()
  const tagKey = confirmationKey(sid, key)
  const tagA = confirmationTag(tagKey, a)
  const tagB = confirmationTag(tagKey, b)
  const pid = sidOutput(spoken).slice(0, 8)
  const keys = new PairingKeys(key, 'member')
  const route = { nameplate: encodeUtf8('4821'), pid, from: idA, to: idB }
  const ack = sealEnvelope(keys.sealOut, route, 2, encodePlaintext({ type: 'ack', ack: 1, body: nothing }))
  const binding = new Binding('member', keys)
  const certificate = (octet: string) => `a=fingerprint:SHA-256 ${Array(32).fill(octet).join(':')}\r\n`
  binding.pinOwn(certificate('aa'))
  binding.pinPeer(certificate('bb'))
  const ticketId = given('ticketId')
  const emoji = keys.deriveEmoji(rA, rB, emojiBytes)
  const octets = {
    generator,
    commitA: commitment,
    ADa: a.associated,
    ADb: b.associated,
    Ya: a.share,
    Yb: b.share,
    ISK: isk,
    Ta: tagA,
    Tb: tagB,
    pid,
    sealAB: keys.sealOut,
    sealBA: keys.sealIn,
    bindAB: keys.bindOut,
    bindBA: keys.bindIn,
    emojiOctets: emoji,
    bindA: binding.message(),
    ticket: encodeTicket({ version: 1, id: ticketId, sid, ...a }),
    openHead: encodeOpen({ ticketId, ...b, tag: tagB, envelope: nothing }),
    replyHead: encodeReply({ tag: tagA, envelope: nothing }),
    ackHead: ack.slice(0, 33),
    ackTag: ack.slice(-16),
    refusal: encodeRefusal({ ticketId, reason: 'later' }),
    unknown: encodeUnknown(pid),
  }
  const hex = Object.entries(octets).map(([name, value]) => [name, formatHex(value).replaceAll(' ', '')])
  const names = chooseEmoji(emoji).map(({ name }) => name)
  return { ...Object.fromEntries(hex), emoji: names.join() }
}

describe('the pairing in PROTOCOL.md §6.8', () => {
  it.each(Object.entries(derive()))('has this %s', (name, value) => {
    expect(documented(name)).toBe(value)
  })
})
