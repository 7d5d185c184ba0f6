import { encodeUtf8 } from '@crowfly/bytes'
import { formatTransportAddress, parseAddress, type TransportAddress } from '@crowfly/sansio'
import { type RequestedRelay, TurnMethod } from '@crowfly/turn'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness/until.ts'
import { CrowflyTurn } from './crowfly-turn.ts'
import { Turnserver } from './stun-turnserver.ts'
import { TurnParty } from './turn-client.ts'

const USER = { username: 'neo', password: 'TheMatrIX' }
const DENIED: TransportAddress = { family: 4, address: Uint8Array.of(10, 9, 9, 9), port: 5000 }
const ABOUT_REFRESH_MS = 541_000
const ABOUT_RENEWAL_MS = 241_000

const CREDENTIALS = ['--user', `${USER.username}:${USER.password}`, '--realm', 'example.org']

function startTurnserver(): Promise<Turnserver> {
  return Turnserver.start([
    ...['--lt-cred-mech', ...CREDENTIALS],
    ...['--relay-ip', '127.0.0.1', '--relay-ip', '::1', '--allow-loopback-peers'],
    ...['--denied-peer-ip', '10.0.0.0-10.255.255.255'],
  ])
}

function startCrowflyTurn(peers: 'public' | 'rooms'): Promise<CrowflyTurn> {
  return CrowflyTurn.start([...CREDENTIALS, '--peers', peers])
}

describe.each([
  ['turnserver', 'coturn', startTurnserver],
  ['`crowfly turn`', 'public', () => startCrowflyTurn('public')],
  ['`crowfly turn --peers rooms`', 'rooms', () => startCrowflyTurn('rooms')],
])('our TURN client against %s', (_, kind, start) => {
  let server: Turnserver | CrowflyTurn
  const parties: TurnParty[] = []

  beforeAll(async () => {
    server = await start()
  })
  afterEach(() => {
    for (const party of parties.splice(0)) {
      // The server would keep it for the next one that comes from the same port.
      party.act((client, now) => client.release(now))
      party.close()
    }
  })
  afterAll(() => server.close())

  /** A party that has asked for its allocation. */
  async function join(
    transport: 'udp' | 'tcp',
    host: string,
    relay?: RequestedRelay,
    password = USER.password,
  ): Promise<TurnParty> {
    const options = { username: USER.username, password, ...(relay && { relay }) }
    const party = await TurnParty.open(transport, host, server.port, options)
    parties.push(party)
    party.act((client, now) => client.start(now))
    return party
  }

  /** The party's relayed transport address of a family. */
  async function relayedOf(party: TurnParty, family: 4 | 6): Promise<TransportAddress> {
    const { relayed } = await party.event('allocated')
    const address = relayed.find((each) => each.family === family)
    if (address === undefined) throw new RangeError(`no relayed address of IPv${family}`)
    return address
  }

  async function permit(party: TurnParty, peer: TransportAddress): Promise<void> {
    expect(party.act((client, now) => client.permit(peer, now))).toBe(true)
    await party.event('permissionGranted')
  }

  function send(from: TurnParty, to: TransportAddress, text: string): void {
    expect(from.act((client) => client.send(to, encodeUtf8(text)))).toBe('sent')
  }

  const single = (family: 4 | 6): RequestedRelay => ({ type: 'single', family })

  describe.each([
    ['udp', '127.0.0.1', 4],
    ['udp', '::1', 6],
    ['udp', '127.0.0.1', 6],
    ['tcp', '127.0.0.1', 4],
    ['tcp', '::1', 6],
  ] as const)('over %s at %s, relayed by IPv%i', (transport, host, family) => {
    /** Two allocations, each with a permission for the other. */
    async function annAndBob() {
      const ann = await join(transport, host, single(family))
      const bob = await join('udp', '127.0.0.1', single(family))
      const annAt = await relayedOf(ann, family)
      const bobAt = await relayedOf(bob, family)
      await permit(ann, bobAt)
      await permit(bob, annAt)
      return { ann, annAt, bob, bobAt }
    }

    it('passes packets between two allocations, in indications and over channels', async () => {
      const { ann, annAt, bob, bobAt } = await annAndBob()
      send(ann, bobAt, 'one')
      await until('Bob has it', () => bob.received.length === 1)
      send(bob, annAt, 'four')
      await until('Ann has it', () => ann.received.length === 1)

      expect(ann.act((client, now) => client.bindChannel(bobAt, now))).toBe(true)
      await ann.event('channelBound')
      send(ann, bobAt, 'three')
      await until('Bob has the second', () => bob.received.length === 2)
      send(bob, annAt, 'seven')
      await until('Ann has the second', () => ann.received.length === 2)

      expect(bob.received.map(({ payload }) => payload)).toEqual(['one', 'three'])
      expect(ann.received.map((each) => [each.payload, each.isChannelData])).toEqual([
        ['four', false],
        ['seven', true],
      ])
      expect(ann.received.map(({ peer }) => formatTransportAddress(peer))).toEqual([
        formatTransportAddress(bobAt),
        formatTransportAddress(bobAt),
      ])
    })

    it('keeps the allocation, its permission and its channel, and gives it back', async () => {
      const { ann, annAt, bob, bobAt } = await annAndBob()
      ann.act((client, now) => client.bindChannel(bobAt, now))
      await ann.event('channelBound')

      ann.successes.length = 0
      ann.putForward(ABOUT_RENEWAL_MS)
      await until('the renewals are answered', () => ann.successes.length === 2)
      expect(ann.successes.toSorted()).toEqual([TurnMethod.CREATE_PERMISSION, TurnMethod.CHANNEL_BIND])
      ann.putForward(ABOUT_REFRESH_MS - ABOUT_RENEWAL_MS)
      await ann.event('refreshed')
      expect(ann.events.map(({ type }) => type)).toEqual([
        'allocated',
        'permissionGranted',
        'channelBound',
        'refreshed',
      ])
      send(bob, annAt, 'still there')
      await until('Ann has it', () => ann.received.length === 1)

      ann.act((client, now) => client.release(now))
      expect(await ann.event('ended')).toEqual({ type: 'ended', reason: 'released' })
    })
  })

  it('is refused a permission for a peer that is denied, and goes on', async () => {
    const ann = await join('udp', '127.0.0.1')
    await relayedOf(ann, 4)
    ann.act((client, now) => client.permit(DENIED, now))
    expect(await ann.event('permissionRefused')).toMatchObject({ peer: DENIED, code: 403 })
    ann.act((client, now) => client.bindChannel(DENIED, now))
    expect(await ann.event('channelRefused')).toMatchObject({ peer: DENIED, code: 403 })
    await permit(ann, await relayedOf(ann, 4))
  })

  // In rooms all foreign peers are refused alike.
  it('is told of a peer of the other family', async () => {
    const ann = await join('udp', '127.0.0.1')
    await relayedOf(ann, 4)
    const peer: TransportAddress = {
      family: 6,
      address: parseAddress('::1') ?? new Uint8Array(16),
      port: 5000,
    }
    ann.act((client, now) => client.permit(peer, now))
    expect(await ann.event('permissionRefused')).toMatchObject({ code: kind === 'rooms' ? 403 : 443 })
  })

  // coturn 4.6 knows ADDITIONAL-ADDRESS-FAMILY by the number of a draft only (0x8032), and may ignore RFC 8656's.
  it('gets a relayed address of each family, as far as the server knows how', async () => {
    const ann = await join('udp', '127.0.0.1', { type: 'dual' })
    const { relayed, addressError } = await ann.event('allocated')
    expect(relayed.map(({ family }) => family)).toEqual(kind === 'coturn' ? [4] : [4, 6])
    expect(addressError).toBeUndefined()
  })

  it('gets an even port, and the next one by its token', async () => {
    const ann = await join('udp', '127.0.0.1', { type: 'single', family: 4, evenPort: { reserveNext: true } })
    const { relayed, reservationToken } = await ann.event('allocated')
    const port = relayed[0]?.port ?? 1
    expect(port % 2).toBe(0)
    if (reservationToken === undefined) throw new RangeError('no reservation token')
    const next = await join('udp', '127.0.0.1', { type: 'reserved', token: reservationToken })
    expect((await relayedOf(next, 4)).port).toBe(port + 1)
  })

  it('is kept out with another password', async () => {
    const ann = await join('udp', '127.0.0.1', undefined, 'TheMatrX')
    expect(await ann.event('ended')).toMatchObject({ reason: 'refused', code: 401 })
  })
})
