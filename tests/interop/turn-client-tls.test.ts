import { join } from 'node:path'
import { encodeUtf8 } from '@crowfly/bytes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrowflyServer } from '../e2e/harness/crowfly-server.ts'
import { until } from '../e2e/harness/until.ts'
import { CrowflyTurn } from './crowfly-turn.ts'
import { TurnParty } from './turn-client.ts'

const USER = { username: 'neo', password: 'TheMatrIX' }
const LINES = Array.from({ length: 50 }, (_, i) => `${i} ${'.'.repeat(i * 23)}`)

describe('our TURN client against `crowfly turn` over TLS', () => {
  /** Only for its certificate. */
  let certified: CrowflyServer
  let server: CrowflyTurn

  beforeAll(async () => {
    certified = await CrowflyServer.start()
    const flags = [
      '--user',
      `${USER.username}:${USER.password}`,
      '--realm',
      'example.org',
      '--peers',
      'rooms',
    ]
    const certificate = join(certified.stateFolder, 'certificate.pem')
    server = await CrowflyTurn.start(flags, { certificate })
  })
  afterAll(async () => {
    await server.close()
    await certified.close()
  })

  it.each(['127.0.0.1', '::1'])(
    'from %s passes payloads of all lengths to a client over UDP and back',
    async (host) => {
      const ann = await TurnParty.open('tls', host, server.tlsPort, USER)
      const bob = await TurnParty.open('udp', host, server.port, USER)
      for (const party of [ann, bob]) party.act((client, now) => client.start(now))
      const [annAt] = (await ann.event('allocated')).relayed
      const [bobAt] = (await bob.event('allocated')).relayed
      if (annAt === undefined || bobAt === undefined) throw new RangeError('no relayed address')
      ann.act((client, now) => client.bindChannel(bobAt, now))
      bob.act((client, now) => client.permit(annAt, now))
      await ann.event('channelBound')
      await bob.event('permissionGranted')

      for (const [i, line] of LINES.entries()) {
        expect(ann.act((client) => client.send(bobAt, encodeUtf8(line)))).toBe('sent')
        await until(`Bob has line ${i}`, () => bob.received.length === i + 1)
        expect(bob.act((client) => client.send(annAt, encodeUtf8(line)))).toBe('sent')
        await until(`Ann has line ${i}`, () => ann.received.length === i + 1)
      }
      expect(bob.received.map(({ payload }) => payload)).toEqual(LINES)
      expect(ann.received.map(({ payload }) => payload)).toEqual(LINES)
      expect(ann.received.every(({ isChannelData }) => isChannelData)).toBe(true)
      ann.act((client, now) => client.release(now))
      expect(await ann.event('ended')).toMatchObject({ reason: 'released' })
      ann.close()
      bob.close()
    },
  )
})
