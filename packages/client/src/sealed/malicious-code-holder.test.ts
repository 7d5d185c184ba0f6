import { encodePairMessage, type PairMessage } from '@crowfly/signaling'
import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, test } from 'vitest'
import { formatSdp } from '../testing/fake-sdp.ts'
import { GhostMember, readMessage } from '../testing/malice/ghost-member.ts'
import { GhostNewcomer } from '../testing/malice/ghost-newcomer.ts'
import { GhostPeer, type GhostProof } from '../testing/malice/ghost-peer.ts'
import { GoBetween } from '../testing/malice/go-between.ts'
import { LateNonce } from '../testing/malice/late-nonce.ts'
import { areTalking, emojiOf, idOf, MaliciousWorld } from '../testing/malice/malicious-world.ts'

const empty = new Uint8Array(0)
const noMedia = { type: 'offer', isFirefox: false, fragment: 'f0', sections: [] } as const

function withoutFingerprint(sdp: string): string {
  return sdp.replace(/a=fingerprint.*\r\n/g, '')
}

/** Somebody whom the server makes up, and who knows the code, in a room of their own. */
function codeHolder(world: MaliciousWorld, random?: LateNonce) {
  const code = { ...world.unknownCode(), nameplate: '4821' }
  const member = new GhostMember(world.ghost(), code, random ?? world.random.fork())
  world.strike(() => member.ghost.enter(code.nameplate))
  return { code, member }
}

describe('a server that knows the code and stands between two', () => {
  test('has two calls that stand, and emoji that differ', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const front = new Set<string>()
    world.server.conduct = { sees: (viewer, other) => front.has(viewer) === front.has(other) }
    // Both are pages like any other, which the server's owner has opened.
    const likeAnn = world.join('Ann', code, { room: { kind: 'join', code, ifEmpty: 'wait' } })
    world.server.conduct = { sees: () => false }
    await world.until(() => likeAnn.phase === 'waiting')
    world.confirm(likeAnn)
    front.add(idOf(likeAnn))
    let isBobHere = false
    world.server.conduct = {
      hear: (from, message) => {
        if (message.type === 'join' && !isBobHere) front.add(from)
        return [message]
      },
      sees: (viewer, other) => front.has(viewer) === front.has(other),
    }
    const bob = await world.meet('Bob', likeAnn, code)
    isBobHere = true
    const likeBob = await world.meet('Bob', ann, code)
    expect([ann.connected, bob.connected]).toEqual([['Bob'], ['Ann']])
    expect([ann, bob].flatMap(({ snapshot }) => snapshot.peers.map(({ trust }) => trust))).toEqual([
      'code',
      'code',
    ])
    expect(emojiOf(ann)).toBe(emojiOf(likeBob))
    expect(emojiOf(bob)).toBe(emojiOf(likeAnn))
    expect(emojiOf(ann)).not.toBe(emojiOf(bob))
    expect(areTalking(ann, likeBob)).toBe(true)
  })

  test('would see the same emoji on both sides, if there were nobody in between', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    await world.until(() => areTalking(host, caller))
    expect(emojiOf(host)).toBe(emojiOf(caller))
    expect(emojiOf(host)).not.toBe('')
  })

  test('cannot choose its part of the emoji after it has seen the other: the call is broken off', async () => {
    const world = new MaliciousWorld()
    const nonces = new LateNonce(new SeededRandom(5))
    const { code, member } = codeHolder(world, nonces)
    member.take = (from, sealed) => {
      const message = readMessage(sealed)
      nonces.regret()
      if (message?.type === 'open') member.say(from, { type: 'ringing', attempt: message.attempt })
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(member.outcomes).toEqual(['proven'])
    expect(bob.status).toEqual({ phase: 'ended', reason: 'wrongCode' })
  })

  test('rings, when it has chosen before', async () => {
    const world = new MaliciousWorld()
    const { code, member } = codeHolder(world, new LateNonce(new SeededRandom(5)))
    member.take = (from, sealed) => {
      const message = readMessage(sealed)
      if (message?.type === 'open') member.say(from, { type: 'ringing', attempt: message.attempt })
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.status.phase === 'calling' && bob.status.ringing)
  })

  test('passes their descriptions on, with their fingerprints: both are cut off from each other and told', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const between = new GoBetween(world.server, { code, victim: idOf(ann), random: world.random.fork() })
    world.place.host?.settle()
    const bob = world.join('Bob', code)
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(ann.snapshot.callers[0]?.id ?? '')
    await world.until(() => ann.connected.length === 1 && bob.connected.length === 1)
    expect([...ann.snapshot.peers, ...bob.snapshot.peers].map(({ trust }) => trust)).toEqual([
      'pending',
      'pending',
    ])
    await world.until(() => ann.snapshot.peers.length === 0 && bob.snapshot.peers.length === 0)
    expect(ann.notices).toEqual(['peerJoined Bob', 'peerUnproven Bob'])
    expect(bob.notices).toEqual(['peerJoined Ann', 'peerUnproven Ann'])
    expect(between.read.some((message) => readMessage(message)?.type === 'reply')).toBe(true)
    expect(ann.phase).toBe('waiting')
    expect(world.network.on('Ann')).toEqual([])
  })
})

describe('somebody who knows the code', () => {
  test('and shows that the connection is theirs is in the call', async () => {
    const world = new MaliciousWorld()
    const { code, member } = codeHolder(world)
    new GhostPeer(world, member, 'true')
    const bob = world.join('Bob', code)
    await world.until(() => bob.snapshot.peers[0]?.trust === 'code')
    expect(bob.connected).toEqual(['Mallory'])
  })

  test.each<[string, GhostProof]>([
    ['shows chance octets for', 'random'],
    ['shows no octet for', 'empty'],
    ['shows what it was shown for', 'reflected'],
    ['talks before it shows', 'text'],
  ])('and %s that the connection is theirs is cut off, and that is said', async (_, proof) => {
    const world = new MaliciousWorld()
    const { code, member } = codeHolder(world)
    const { connection } = new GhostPeer(world, member, proof)
    const bob = world.join('Bob', code)
    await world.until(() => bob.connected.length === 1)
    expect(bob.snapshot.peers[0]).toMatchObject({ trust: 'pending', emoji: [] })
    await world.until(() => bob.snapshot.peers.length === 0, 6_000)
    expect(bob.notices).toEqual(['peerJoined Mallory', 'peerUnproven Mallory'])
    expect(bob.snapshot.chat).toEqual([])
    expect(world.network.on('Bob')).toEqual([])
    expect(connection.iceConnectionState).not.toBe('completed')
  })

  test('and never shows whose the connection is neither gets nor shows a picture', async () => {
    const world = new MaliciousWorld()
    const { code, member } = codeHolder(world)
    new GhostPeer(world, member, 'none')
    const bob = world.join('Bob', code)
    await bob.media.setCamera(true)
    await world.until(() => bob.connected.length === 1)
    const camera = () => world.network.on('Bob')[0]?.getTransceivers()[1]
    await world.until(() => camera()?.receiver.track.enabled === false, 6_000)
    expect(camera()?.sender.track).toBeNull()
    await world.advance(20_000)
    expect(camera()?.sender.track).toBeNull()
    expect(bob.snapshot.peers[0]).toMatchObject({ trust: 'pending', emoji: [] })
  })

  test.each<[string, string]>([
    ['another certificate', 'sha-256 11:11'],
    ['a weak hash', 'sha-1 11:11'],
  ])('and comes with %s later on is cut off, and that is said', async (_, fingerprint) => {
    const world = new MaliciousWorld()
    const { code, member } = codeHolder(world)
    const peer = new GhostPeer(world, member, 'true')
    const bob = world.join('Bob', code)
    await world.until(() => bob.snapshot.peers[0]?.trust === 'code')
    const sdp = (peer.connection.localDescription?.sdp ?? '').replace(
      /sha-256 [0-9a-f:]+/i,
      fingerprint.padEnd(103, ':11'),
    )
    const offer: PairMessage = { type: 'description', attempt: 1, kind: 'offer', sdp }
    world.strike(() => member.say(idOf(bob), offer, 'offer'))
    await world.until(() => bob.snapshot.peers.length === 0, 1_000)
    expect(bob.notices).toEqual(['peerJoined Mallory', 'peerUnproven Mallory'])
  })

  test('and answers without a fingerprint gets no connection, and that is said', async () => {
    const world = new MaliciousWorld()
    const { code, member } = codeHolder(world)
    member.take = (from, sealed) => {
      const message = readMessage(sealed)
      if (message?.type !== 'open') return
      const { attempt } = message
      const sdp = withoutFingerprint(message.sdp)
      member.say(from, { type: 'reply', attempt, name: 'Mallory', pass: empty, sdp }, 'answer')
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.notices.includes('peerUnproven Mallory'))
    expect(bob.snapshot.peers).toEqual([])
    expect(bob.status).toEqual({ phase: 'waiting', alone: 'left' })
    expect(world.network.on('Bob')).toEqual([])
  })

  test('and calls without a fingerprint rings, gets no connection, and that is said', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const sdp = withoutFingerprint(formatSdp({ ...noMedia, fingerprint: 'sha-256 00' }))
    const open: PairMessage = { type: 'open', attempt: 1, name: 'Mallory', pass: empty, sdp }
    const caller = new GhostNewcomer({
      ghost: world.ghost(),
      victim: idOf(ann),
      nextCode: () => code,
      offer: () => ({ type: 'offer', body: encodePairMessage(open) }),
      random: world.random.fork(),
    })
    world.strike(() => {
      caller.ghost.enter(code.nameplate)
      caller.ask()
    })
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(caller.ghost.id)
    await world.until(() => ann.notices.includes('peerUnproven Mallory'))
    expect(ann.notices).toEqual(['peerUnproven Mallory'])
    expect([ann.phase, ann.snapshot.peers]).toEqual(['waiting', []])
    expect(world.network.on('Ann')).toEqual([])
    await world.meet('Bob', ann, code)
  })
})
