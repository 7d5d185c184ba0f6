import {
  AttributeType,
  decodeNonce,
  encodeRealm,
  encodeUsername,
  type StunMessageWriter,
} from '@crowfly/stun'
import { TurnAttributeType, TurnMethod } from '@crowfly/turn'
import { type Attack, NotApplicable } from '../attack.ts'
import {
  buildMessage,
  withForgedIntegrity,
  withoutIntegrity,
  writeChannel,
  writeCredentials,
  writeLifetime,
  writePeer,
  writeReservation,
  writeUdp,
} from '../client/messages.ts'
import type { Outcome } from '../client/turn-client.ts'
import { pause } from '../pause.ts'

const INTEGRITY_BYTES = 20

/** Refused, or not even answered. */
function isRefusal(outcome: Outcome): boolean {
  return outcome !== 'success'
}

const forgedNonces: Attack = {
  name: 'nonces that are forged, altered, empty, endless, or another client’s',
  async run(arena, evidence) {
    const client = await arena.client()
    await client.ask(client.build(TurnMethod.ALLOCATE, writeUdp))
    const challenge = await client.request(TurnMethod.REFRESH)
    evidence.note(`the challenge ended in ${challenge.outcome}`)
    const own = client.auth?.nonce ?? ''
    evidence.must(own.length > 0, 'no nonce was given')
    const forged: [string, string][] = [
      ['a made-up one', 'f'.repeat(own.length)],
      ['another length', own.slice(0, -1)],
      ['twice its length', own + own],
      ['an empty one', ''],
      ['one of 127 bytes', 'x'.repeat(127)],
      // RFC 8489 §14.10: as long as it can be, and longer.
      ['one of 763 bytes', 'x'.repeat(763)],
      ['one of 5,000 bytes', 'x'.repeat(5000)],
    ]
    for (let at = 0; at < own.length; at += Math.max(1, own.length >> 3)) {
      const changed = own[at] === 'A' ? 'B' : 'A'
      forged.push([`character ${at} changed`, own.slice(0, at) + changed + own.slice(at + 1)])
    }
    for (const [what, nonce] of forged) {
      const auth = client.authAs(arena.target.user, nonce)
      const { outcome } = await client.ask(client.build(TurnMethod.ALLOCATE, writeUdp, auth))
      evidence.must(isRefusal(outcome), `${what}: an allocation was made`)
    }
    const stranger = await arena.client()
    const auth = stranger.authAs(arena.target.user, own, client.auth?.realm ?? arena.target.realm)
    const { outcome } = await stranger.ask(stranger.build(TurnMethod.ALLOCATE, writeUdp, auth))
    evidence.must(isRefusal(outcome), 'another client’s nonce: an allocation was made from another address')
    evidence.note(`another client’s nonce: ${outcome}`)
  },
}

const aged: Attack = {
  name: 'an aged nonce',
  needs: 'nonceSeconds',
  async run(arena, evidence) {
    const { nonceSeconds = 0, user } = arena.target
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    const old = client.auth
    if (old === undefined) return evidence.must(false, 'no challenge came')
    const refresh = () => client.ask(client.build(TurnMethod.REFRESH, () => {}, old))
    let reply = await refresh()
    evidence.must(reply.outcome === 'success', `while it is young: ${reply.outcome}`)
    const start = performance.now()
    const elapsedSeconds = () => (performance.now() - start) / 1000
    while (reply.outcome !== 438 && elapsedSeconds() < nonceSeconds * 2) {
      await pause(500)
      reply = await refresh()
    }
    const after = `after ${elapsedSeconds().toFixed(1)} s`
    evidence.must(reply.outcome === 438, `${after} it is still answered ${reply.outcome} instead of 438`)
    evidence.note(`438 ${after}`)
    const permit = (writer: StunMessageWriter) => writePeer(writer, good.peer)
    const bind = (writer: StunMessageWriter) => {
      writeChannel(writer, 0x4000)
      permit(writer)
    }
    const tries: [string, Uint8Array][] = [
      ['Allocate', client.build(TurnMethod.ALLOCATE, writeUdp, old)],
      ['CreatePermission', client.build(TurnMethod.CREATE_PERMISSION, permit, old)],
      ['ChannelBind', client.build(TurnMethod.CHANNEL_BIND, bind, old)],
      ['a Refresh that ends', client.build(TurnMethod.REFRESH, (w) => writeLifetime(w, 0), old)],
    ]
    for (const [what, message] of tries) {
      const { outcome } = await client.ask(message)
      evidence.must(outcome === 438, `${what} with it: ${outcome} instead of 438`)
    }
    await arena.mustNotPass(client, good, 'by a permission with an aged nonce', evidence)
    const nonce = decodeNonce(reply.message) ?? ''
    evidence.must(nonce !== '' && nonce !== old.nonce, 'no new nonce came with the 438')
    const anew = client.authAs(user, nonce)
    const { outcome } = await client.ask(client.build(TurnMethod.CREATE_PERMISSION, permit, anew))
    evidence.must(outcome === 'success', `CreatePermission with the new nonce: ${outcome}`)
    client.send(good.peer, 'with the new nonce')
    await arena.mustArrive(good, 'with the new nonce', evidence)
  },
}

const replayed: Attack = {
  name: 'requests replayed from another address, or again on the same 5-tuple',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const { peer } = await arena.goodPeer()
    const allocate = client.build(TurnMethod.ALLOCATE, writeUdp)
    const permit = client.build(TurnMethod.CREATE_PERMISSION, (writer) => writePeer(writer, peer))
    const thief = await arena.client()
    for (const [name, message] of [
      ['Allocate', allocate],
      ['CreatePermission', permit],
    ] as const) {
      const { outcome } = await thief.ask(message)
      evidence.must(isRefusal(outcome), `${name} of somebody else succeeded from another address`)
      evidence.note(`${name} from another address: ${outcome}`)
    }
    const fresh = await arena.client()
    await fresh.request(TurnMethod.REFRESH)
    const request = fresh.build(TurnMethod.ALLOCATE, writeUdp)
    const [first, second] = [await fresh.ask(request), await fresh.ask(request)]
    fresh.relayed =
      first.outcome === 'success' ? { family: 4, address: new Uint8Array(4), port: 0 } : undefined
    evidence.must(first.outcome === 'success', `Allocate: ${first.outcome}`)
    // A retransmission: the same answer, or that it is there already. Not a second allocation.
    const isSame = second.outcome === 437 || Buffer.compare(first.message.bytes, second.message.bytes) === 0
    evidence.must(isSame, 'Allocate sent again was answered otherwise')
  },
}

const integrity: Attack = {
  name: 'integrity stripped, empty, truncated, too long, of zeros, doubled',
  async run(arena, evidence) {
    const client = await arena.client()
    await client.request(TurnMethod.REFRESH)
    const whole = client.build(TurnMethod.ALLOCATE, writeUdp)
    const value = whole.slice(-INTEGRITY_BYTES)
    const auth = client.auth
    if (auth === undefined) return evidence.must(false, 'no challenge came')
    const sha256 = buildMessage(
      TurnMethod.ALLOCATE,
      'request',
      (writer) => {
        writeUdp(writer)
      },
      auth,
      'sha256',
    )
    const strong = sha256.slice(-32)
    const strongBase = sha256.slice(0, -12)
    const forged: [string, Uint8Array][] = [['stripped', withoutIntegrity(whole)]]
    for (const length of [0, 1, 4, 16, 19]) {
      forged.push([`of ${length} bytes`, withForgedIntegrity(whole, value.slice(0, length))])
    }
    const longer = new Uint8Array(32)
    longer.set(value)
    forged.push(['of 32 bytes', withForgedIntegrity(whole, longer)])
    forged.push(['of zeros', withForgedIntegrity(whole, new Uint8Array(INTEGRITY_BYTES))])
    for (const length of [0, 4, 8, 12, 16, 20, 28]) {
      const type = AttributeType.MESSAGE_INTEGRITY_SHA256
      forged.push([
        `SHA-256 of ${length} bytes`,
        withForgedIntegrity(strongBase, strong.slice(0, length), type),
      ])
    }
    for (const [what, message] of forged) {
      const { outcome } = await client.ask(message)
      evidence.must(isRefusal(outcome), `${what}: an allocation was made`)
    }
    for (let at = 20; at < whole.length - INTEGRITY_BYTES - 4; at += 7) {
      const message = whole.slice()
      message[at] = (message[at] ?? 0) ^ 1
      const { outcome } = await client.ask(message, 100, 1)
      evidence.must(isRefusal(outcome), `bit at ${at} flipped: an allocation was made`)
    }
    const { outcome } = await client.allocate()
    evidence.must(outcome === 'success', `the right one afterwards: ${outcome}`)
  },
}

const behindIntegrity: Attack = {
  name: 'attributes behind the integrity, which it does not cover',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    const message = client.build(TurnMethod.CREATE_PERMISSION)
    const extra = buildMessage(0, 'request', (writer) => writePeer(writer, good.peer)).slice(20)
    const bytes = new Uint8Array(message.length + extra.length)
    bytes.set(message)
    // XOR with the transaction id matters for IPv6 only.
    bytes.set(extra, message.length)
    new DataView(bytes.buffer).setUint16(2, bytes.length - 20)
    const { outcome } = await client.ask(bytes)
    evidence.must(isRefusal(outcome), 'a CreatePermission with its peer behind the integrity was granted')
    await arena.mustNotPass(client, good, 'by what is behind the integrity', evidence)
  },
}

const wrongUsers: Attack = {
  name: 'users that do not exist, wrong passwords, wrong realms, no username',
  async run(arena, evidence) {
    const client = await arena.client()
    await client.request(TurnMethod.REFRESH)
    const { nonce = '', realm = '' } = client.auth ?? {}
    const { user } = arena.target
    const tries: [string, ReturnType<typeof client.authAs>][] = [
      ['an unknown user', client.authAs({ username: 'nobody', password: user.password })],
      ['a wrong password', client.authAs({ ...user, password: `${user.password}x` })],
      ['an endless username', client.authAs({ username: 'x'.repeat(500), password: 'y' })],
      ['a username that looks like a time', client.authAs({ username: '99999999999:a:b', password: 'c' })],
      ['another realm', client.authAs(user, nonce, `${realm}x`)],
      ['a key of no bytes', { ...client.authAs(user), key: new Uint8Array(0) }],
    ]
    const answers = new Map<string, number>()
    for (const [what, auth] of tries) {
      const { outcome, bytes } = await client.ask(client.build(TurnMethod.ALLOCATE, writeUdp, auth))
      evidence.must(isRefusal(outcome), `${what}: an allocation was made`)
      answers.set(what, bytes)
    }
    const isAlike = answers.get('an unknown user') === answers.get('a wrong password')
    evidence.must(isAlike, 'one can tell users that exist from others')
    const partial = [
      buildMessage(TurnMethod.ALLOCATE, 'request', (writer) => {
        writeUdp(writer)
        encodeUsername(writer, user.username)
      }),
      buildMessage(TurnMethod.ALLOCATE, 'request', (writer) => {
        writeUdp(writer)
        encodeRealm(writer, realm)
      }),
    ]
    for (const message of partial) {
      const { outcome } = await client.ask(message)
      evidence.must(isRefusal(outcome), 'half of the credentials: an allocation was made')
    }
  },
}

const otherUser: Attack = {
  name: 'another user on a live allocation',
  async run(arena, evidence) {
    const { other } = arena
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    const auth = client.authAs(other)
    const writes = [
      [TurnMethod.REFRESH, (writer: StunMessageWriter) => writeLifetime(writer, 0)],
      [TurnMethod.CREATE_PERMISSION, (writer: StunMessageWriter) => writePeer(writer, good.peer)],
    ] as const
    for (const [method, write] of writes) {
      // A nonce may be bound to its user: then a new one comes first.
      let reply = await client.ask(client.build(method, write, auth))
      if (reply.outcome === 438) reply = await client.ask(client.build(method, write, client.authAs(other)))
      evidence.must(reply.outcome === 441, `method ${method}: ${reply.outcome} instead of 441`)
    }
    // The other's name with one's own key.
    const mixed = { ...client.authAs(other), key: client.authAs(arena.target.user).key }
    const { outcome } = await client.ask(client.build(TurnMethod.REFRESH, () => {}, mixed))
    evidence.must(isRefusal(outcome), 'the other’s name with one’s own key was believed')
    await arena.mustNotPass(client, good, 'by a permission of another user', evidence)
    const alive = await client.refresh()
    evidence.must(alive.outcome === 'success', `the allocation afterwards: ${alive.outcome}`)
  },
}

const reservation: Attack = {
  name: 'another user’s reservation, one’s own twice, and reservations without end',
  async run(arena, evidence) {
    const credentials = arena.other
    const owner = await arena.client()
    const made = await owner.allocate(undefined, writeReservation)
    const at = made.message.find(TurnAttributeType.RESERVATION_TOKEN)
    if (made.outcome !== 'success' || at < 0) throw new NotApplicable(`no reservation: ${made.outcome}`)
    const token = made.message.valueAt(at).slice()
    const redeem = (writer: StunMessageWriter) =>
      writer.writeAttribute(TurnAttributeType.RESERVATION_TOKEN, token)
    const thief = await arena.client({ credentials })
    const stolen = await thief.allocate(undefined, redeem)
    // RFC 8656 leaves it to the token, which nobody can guess; ours are for one user.
    if (arena.target.isJudged) evidence.must(isRefusal(stolen.outcome), 'another user had it')
    else evidence.note(`another user: ${stolen.outcome}`)
    const rightful = await arena.client()
    const had = await rightful.allocate(undefined, redeem)
    evidence.note(`its owner: ${had.outcome}`)
    const again = await arena.client()
    const twice = await again.allocate(undefined, redeem)
    evidence.must(isRefusal(twice.outcome), 'it was had twice')
    let granted = 0
    for (let n = 0; n < 64; n++) {
      const hoarder = await arena.client({ credentials })
      const { outcome } = await hoarder.allocate(undefined, writeReservation)
      if (outcome === 'success') granted++
    }
    evidence.note(`${granted} of 64 reservations by one user`)
    const plain = await arena.client()
    const { outcome } = await plain.allocate()
    evidence.must(outcome === 'success', `a plain allocation meanwhile: ${outcome}`)
  },
}

const unauthenticatedMethods: Attack = {
  name: 'every method without integrity, with the right names in it',
  async run(arena, evidence) {
    const client = await arena.client()
    await client.request(TurnMethod.REFRESH)
    const { auth } = client
    if (auth === undefined) return evidence.must(false, 'no challenge came')
    const methods = Array.from({ length: 15 }, (_, index) => index + 2)
    const tries = methods.map(async (method) => {
      const message = buildMessage(method, 'request', (writer) => {
        writeUdp(writer)
        writeCredentials(writer, auth)
      })
      const { outcome } = await client.ask(message, 400, 1)
      evidence.must(isRefusal(outcome), `method ${method} succeeded`)
    })
    await Promise.all(tries)
  },
}

export const credentials: readonly Attack[] = [
  forgedNonces,
  aged,
  replayed,
  integrity,
  behindIntegrity,
  wrongUsers,
  otherUser,
  reservation,
  unauthenticatedMethods,
]
