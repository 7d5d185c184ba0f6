import { DEFAULT_TURN_LIMITS } from '@crowfly/turn'
import { expect, test } from 'vitest'
import { limitNames } from './limit-settings.ts'
import { OperatorError } from './operator-error.ts'
import { parseTurnSettings, type TurnFlags } from './turn-settings.ts'

const plain: TurnFlags = { user: ['anna:secret'], realm: 'crowfly', peers: 'public', logLevel: 'info' }

function refusal(changes: Partial<TurnFlags>): string {
  try {
    parseTurnSettings({ ...plain, ...changes })
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'FLAG_REFUSED') return error.message
    throw error
  }
  return ''
}

test('what is typed is taken', () => {
  const settings = parseTurnSettings({
    ...plain,
    listen: ['127.0.0.1:3478', '[::1]:3479', 'relay.example.org:80'],
    tlsListen: ['0.0.0.0:5349'],
    cert: 'a.pem',
    key: 'b.pem',
    user: ['anna:p:with:colons', 'bob:q'],
    realm: 'Beispiel für alle',
    allowPeer: ['127.0.0.0/8', '::1'],
    denyPeer: ['203.0.113.7'],
    relayPorts: '1024-1025',
    externalAddress: ['203.0.113.5', '2001:db8::5'],
    limit: ['maxAllocations=7', 'maxTcpConnections=9'],
  })
  expect(settings).toMatchObject({
    listen: [
      { host: '127.0.0.1', port: 3478 },
      { host: '::1', port: 3479 },
      { host: 'relay.example.org', port: 80 },
    ],
    tlsListen: [{ host: '0.0.0.0', port: 5349 }],
    certificate: { cert: 'a.pem', key: 'b.pem' },
    users: new Map([
      ['anna', 'p:with:colons'],
      ['bob', 'q'],
    ]),
    realm: 'Beispiel für alle',
    peers: {
      kind: 'public',
      allow: [{ prefixBits: 8 }, { prefixBits: 128 }],
      deny: [{ prefixBits: 32 }],
      ports: { least: 1024, most: 1025 },
      external: [{ length: 4 }, { length: 16 }],
    },
    limits: { maxTcpConnections: 9 },
    relayLimits: { maxAllocations: 7 },
  })
  expect(parseTurnSettings({ ...plain, peers: 'rooms' }).peers).toEqual({ kind: 'rooms' })
})

test.each<[string, Partial<TurnFlags>]>([
  ['--listen', { listen: ['3478'] }],
  ['--listen', { listen: ['127.0.0.1'] }],
  ['--listen', { listen: ['::1:3478'] }],
  ['--listen', { listen: ['[127.0.0.1]:3478'] }],
  ['--listen', { listen: ['127.0.0.1:65536'] }],
  ['--listen', { listen: [':3478'] }],
  ['--listen', { listen: ['a b:3478'] }],
  ['--tls-listen', { tlsListen: ['5349'], cert: 'c', key: 'k' }],
  ['--tls-listen needs --cert', { tlsListen: ['[::]:5349'] }],
  ['takes TLS there too', { listen: ['127.0.0.1:5349'], tlsListen: ['127.0.0.1:5349'], cert: 'c', key: 'k' }],
  ['--cert needs --key', { cert: 'c' }],
  ['--user', { user: [] }],
  ['--user', { user: ['anna'] }],
  ['--user', { user: [':secret'] }],
  ['--user', { user: ['anna:'] }],
  ['--user', { user: ['anna:one', 'anna:two'] }],
  ['--user', { user: ['anna:\u0007'] }],
  ['--realm', { realm: 'a\u0000b' }],
  ['--realm', { realm: '' }],
  ['--realm', { realm: 'a"b' }],
  ['--realm', { realm: 'x'.repeat(128) }],
  ['--peers', { peers: 'all' }],
  ['--allow-peer', { allowPeer: ['localhost'] }],
  ['--allow-peer', { allowPeer: ['127.0.0.0/33'] }],
  ['--deny-peer', { denyPeer: ['10.0.0.0/'] }],
  ['--allow-peer', { peers: 'rooms', allowPeer: ['10.0.0.0/8'] }],
  ['--deny-peer', { peers: 'rooms', denyPeer: ['10.0.0.0/8'] }],
  ['--relay-ports', { peers: 'rooms', relayPorts: '50000-60000' }],
  ['--external-address', { peers: 'rooms', externalAddress: ['203.0.113.5'] }],
  ['--external-address', { externalAddress: ['relay.example.org'] }],
  ['--external-address', { externalAddress: ['0.0.0.0'] }],
  ['--external-address', { externalAddress: ['203.0.113.5', '203.0.113.6'] }],
  ['--relay-ports', { relayPorts: '50000' }],
  ['--relay-ports', { relayPorts: '60000-50000' }],
  ['--relay-ports', { relayPorts: '80-90' }],
  ['--limit', { limit: ['maxRooms=1'] }],
  ['--limit', { limit: ['maxAllocations=0'] }],
  ['--limit', { limit: ['maxReservations=65537'] }],
  ['maxLifetimeSeconds=300', { limit: ['maxLifetimeSeconds=300'] }],
  ['--log-level', { logLevel: 'loud' }],
])('%s is refused by its name when it is %o', (flag, changes) => {
  expect(refusal(changes)).toContain(flag)
})

test('a limit is refused with the default that holds here', () => {
  expect(refusal({ limit: ['maxAllocationsPerUser=0'] })).toContain('the default is 16384')
  expect(refusal({ limit: ['maxAllocationsPerRoom=0'] })).toContain('the default is 16384')
  expect(refusal({ limit: ['maxReservations=0'] })).toContain('the default is 256')
})

test('a shorter life is taken with its default', () => {
  expect(refusal({ limit: ['maxLifetimeSeconds=300', 'defaultLifetimeSeconds=300'] })).toBe('')
})

test('a password is not said again', () => {
  expect(refusal({ user: ['anna:one', 'anna:hunter2'] })).not.toContain('hunter2')
})

test('every limit of the relay is a setting', () => {
  const names = Object.keys(DEFAULT_TURN_LIMITS)
  expect(limitNames('turn')).toEqual(expect.arrayContaining(names))
  const { relayLimits } = parseTurnSettings({ ...plain, limit: names.map((name) => `${name}=7`) })
  expect(relayLimits).toEqual(Object.fromEntries(names.map((name) => [name, 7])))
})
