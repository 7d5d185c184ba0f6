import { createTurnServerCounters } from '@crowfly/turn'
import { expect, test } from 'vitest'
import { makeCertificate } from './certificate.ts'
import { greeting } from './greeting.ts'
import type { LocalAddress } from './local-addresses.ts'
import { reachableAddresses } from './local-addresses.ts'
import { originsElsewhere } from './origins-elsewhere.ts'
import { qrText } from './qr-text.ts'
import type { RunningServer } from './start-server.ts'

const loopback: LocalAddress[] = [
  { family: 4, address: '127.0.0.1', reach: 'loopback' },
  { family: 6, address: '::1', reach: 'loopback' },
]
const outside: LocalAddress[] = [
  { family: 6, address: 'fe80::1%eth0', reach: 'linkLocal' },
  { family: 6, address: '2001:db8::5', reach: 'public' },
  { family: 6, address: 'fd00::5', reach: 'private' },
  { family: 4, address: '203.0.113.5', reach: 'public' },
  { family: 4, address: '192.168.1.5', reach: 'private' },
]

const onTerminal = { version: '1.2.3', isTerminal: true }

const selfMade = { cert: '', isSelfMade: true }

function running(changes: Partial<RunningServer> = {}): RunningServer {
  return {
    port: 8443,
    stunPort: 3478,
    addresses: () => [...loopback, ...outside],
    stunAddresses: () => ['127.0.0.1:8443', '192.168.1.5:8443', '192.168.1.5:3478', '[fe80::1%eth0]:8443'],
    originsElsewhere: () => originsElsewhere([...loopback, ...outside], 8443, selfMade),
    isConfinedByHost: false,
    isCertificateSelfMade: true,
    notes: [],
    signalConnections: 0,
    turnUrls: [],
    relaySockets: 0,
    relayCounters: createTurnServerCounters(),
    close: async () => undefined,
    ...changes,
  }
}

test('it says where to open it here', () => {
  const text = greeting(running(), onTerminal)
  expect(text).toContain('Crowfly 1.2.3 is running.')
  expect(text).toContain(
    '  Open it here      https://localhost:8443\n                    http://localhost:8443\n',
  )
})

test('addresses for other devices come with the likeliest first, and its QR code', () => {
  expect(reachableAddresses(outside).map(({ address }) => address)).toEqual([
    '192.168.1.5',
    '203.0.113.5',
    'fd00::5',
    '2001:db8::5',
  ])
  const text = greeting(running(), onTerminal)
  expect(text).toContain('  On other devices  https://192.168.1.5:8443\n')
  expect(text).toContain('https://[fd00::5]:8443')
  expect(text).not.toContain('https://[fe80')
  for (const line of qrText('https://192.168.1.5:8443').split('\n')) expect(text).toContain(line)
})

test('it tells why the browser will warn, unless the certificate is the operator’s', async () => {
  expect(greeting(running(), onTerminal)).toContain('The browser will warn')
  const { cert } = await makeCertificate(
    { names: ['call.example.org', '*.example.org'], addresses: [] },
    new Date(),
  )
  const text = greeting(
    running({
      isCertificateSelfMade: false,
      originsElsewhere: () => originsElsewhere(outside, 8443, { cert, isSelfMade: false }),
    }),
    onTerminal,
  )
  expect(text).not.toContain('The browser will warn')
  expect(text).toContain('  On other devices  https://call.example.org:8443\n')
})

test('it tells the addresses at which STUN is answered, and no others', () => {
  expect(greeting(running(), onTerminal)).toContain(
    [
      '  STUN answers on   127.0.0.1, port 8443',
      '                    fe80::1%eth0, port 8443',
      '                    192.168.1.5, ports 8443 and 3478',
      '                    by UDP and TCP',
      '  Relay carries     calls that find no direct path, each within its room',
      '                    on the same ports',
    ].join('\n'),
  )
})

test('a relay that clients are told to find elsewhere is said to be there', () => {
  const turnUrls = ['turn:relay.example.org:443?transport=tcp', 'turn:relay.example.org']
  expect(greeting(running({ turnUrls }), onTerminal)).toContain(
    'reached at turn:relay.example.org:443?transport=tcp, turn:relay.example.org\n',
  )
})

test('a machine without a network says so', () => {
  const text = greeting(running({ addresses: () => loopback, originsElsewhere: () => [] }), onTerminal)
  expect(text).toContain('No other device can reach this machine now')
  expect(text).not.toContain('▀')
})

test('a file gets the addresses without the QR code and its escape sequences', () => {
  const text = greeting(running(), { version: '1.2.3', isTerminal: false })
  expect(text).toContain('  On other devices  https://192.168.1.5:8443\n')
  for (const part of ['▀', '▄', '█', '\u001b']) expect(text).not.toContain(part)
})

test('a server that --host keeps to this machine says so, and does not blame the network', () => {
  const text = greeting(
    running({ addresses: () => loopback, originsElsewhere: () => [], isConfinedByHost: true }),
    onTerminal,
  )
  expect(text).toContain('It listens on this machine only, because of --host')
  expect(text).toContain('STUN answers none of them')
  expect(text).not.toContain('no network address')
})

test('notes are told', () => {
  expect(greeting(running({ notes: ['Mind the gap.'] }), onTerminal)).toContain('Note: Mind the gap.')
})
