import { defaultSignalingLimits } from '@crowfly/signaling'
import { DEFAULT_TURN_LIMITS } from '@crowfly/turn'
import { expect, test } from 'vitest'
import { OperatorError } from './operator-error.ts'
import { defaultServerLimits } from './server-limits.ts'
import { type Flags, parseSettings } from './settings.ts'

const plain: Flags = {
  port: '8443',
  state: '/var/lib/crowfly',
  logLevel: 'info',
}

function refusal(changes: Partial<Flags>): string {
  try {
    parseSettings({ ...plain, ...changes })
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'FLAG_REFUSED') return error.message
    throw error
  }
  return ''
}

test('what is not typed has its default', () => {
  expect(parseSettings(plain)).toMatchObject({
    port: 8443,
    hosts: [],
    certificate: undefined,
    limits: defaultServerLimits,
    signalingLimits: {},
    stunPort: { kind: 'port', port: 3478, isRequired: false },
    stunUrl: undefined,
    logLevel: 'info',
  })
})

test('a TURN URL without a transport stands for both, except with TLS', () => {
  const turnUrl = ['turn:a.example:3478', 'turn:[::1]?transport=tcp', 'turns:a.example']
  expect(parseSettings({ ...plain, turnUrl }).turnUrls).toEqual([
    'turn:a.example:3478?transport=udp',
    'turn:a.example:3478?transport=tcp',
    'turn:[::1]?transport=tcp',
    'turns:a.example',
  ])
  expect(parseSettings(plain).turnUrls).toEqual([])
})

test('what is typed is taken', () => {
  const settings = parseSettings({
    ...plain,
    port: '443',
    host: ['::1', 'call.example.org'],
    cert: 'a.pem',
    key: 'b.pem',
    origin: ['https://Other.example.org'],
    limit: ['maxRooms=7', 'maxBufferedBytes=100000'],
    stunPort: '3479',
    stunUrl: 'stun:[2001:db8::1]:3478',
    logLevel: 'debug',
  })
  expect(settings).toMatchObject({
    port: 443,
    hosts: ['::1', 'call.example.org'],
    certificate: { cert: 'a.pem', key: 'b.pem' },
    origins: ['https://other.example.org'],
    limits: { ...defaultServerLimits, maxBufferedBytes: 100_000 },
    signalingLimits: { maxRooms: 7 },
    stunPort: { kind: 'port', port: 3479, isRequired: true },
    stunUrl: 'stun:[2001:db8::1]:3478',
    logLevel: 'debug',
  })
  expect(parseSettings({ ...plain, stunPort: 'off' }).stunPort).toEqual({ kind: 'off' })
})

test.each<[string, Partial<Flags>]>([
  ['--port', { port: 'http' }],
  ['--port', { port: '-1' }],
  ['--port', { port: '65536' }],
  ['--port', { port: '' }],
  ['--port', { port: '80.5' }],
  ['--host', { host: ['127.0.0.1:80'] }],
  ['--host', { host: ['[::1]'] }],
  ['--host', { host: ['a b'] }],
  ['--host', { host: [''] }],
  ['--cert needs --key', { cert: 'a.pem' }],
  ['--key needs --cert', { key: 'a.pem' }],
  ['--state', { state: '' }],
  ['--origin', { origin: ['call.example.org'] }],
  ['--origin', { origin: ['https://call.example.org/path'] }],
  ['--origin', { origin: ['*'] }],
  ['--trust-proxy', { trustProxy: ['proxy.example.org'] }],
  ['--trust-proxy', { trustProxy: ['10.0.0.0/33'] }],
  ['--stun-port', { stunPort: '0' }],
  ['--stun-port', { stunPort: 'on' }],
  ['--stun-url', { stunUrl: 'turn:example.org' }],
  ['--stun-url', { stunUrl: 'example.org' }],
  ['--turn-url', { turnUrl: ['stun:example.org'] }],
  ['--turn-url', { turnUrl: ['turn:example.org?transport=sctp'] }],
  ['--turn-url', { turnUrl: Array.from({ length: 5 }, () => 'turn:example.org') }],
  ['--log-level', { logLevel: 'loud' }],
])('%s is refused by its name when it is %o', (flag, changes) => {
  expect(refusal(changes)).toContain(flag)
})

test('a limit that does not exist is refused, with where the names are', () => {
  for (const limit of ['maxRoom=5', 'toString=5', '=5', 'maxRoom']) {
    const message = refusal({ limit: [limit] })
    expect(message).toContain('"crowfly serve --help" lists the names')
  }
})

test('a limit without a whole number is refused by its name, with its default', () => {
  for (const value of ['', '=', '=0', '=-1', '=many', '=1.5', '=1=2', '=1e3', '=2147483648']) {
    expect(refusal({ limit: [`maxRooms${value}`] })).toMatch(/--limit cannot be .*maxRooms= .* 20000\.$/)
  }
})

test.each([
  ['maxMembersPerRoom', [2, 256], [1, 257, 300]],
  ['ticketsPerMember', [1, 16], [0, 17]],
  ['ticketReserveMs', [1_000, 3_600_000], [999, 3_600_001]],
  ['maxPendingPerRoom', [1, 256], [0, 257]],
  ['maxOutboxMessages', [32], [1, 31]],
  ['messageBurst', [256], [1, 255]],
  ['byteBurst', [1_048_576], [1, 65_536]],
  ['maxOutboxBytes', [131_072], [1]],
  ['maxTotalOutboxBytes', [131_072], [1]],
  ['maxBufferedBytes', [65_536], [1]],
  ['pingEveryMs', [100, 4_499], [99, 65_535, 100_000]],
  ['deadAfterMs', [2_001, 65_535], [100, 65_536]],
  ['polledPingEveryMs', [100, 22_499], [99, 65_535]],
  ['polledDeadAfterMs', [10_001, 65_535], [100, 65_536]],
  ['pollAnswerMs', [100, 25_000], [99, 25_001]],
  ['graceMs', [1, 2 ** 31 - 1], [0, 2 ** 32]],
])('%s is taken within its range, and refused by its name and range outside', (name, inside, outside) => {
  for (const value of inside) expect(refusal({ limit: [`${name}=${value}`] })).toBe('')
  for (const value of outside)
    expect(refusal({ limit: [`${name}=${value}`] })).toMatch(
      new RegExp(
        `cannot be "${name}=${value}"\\. Give ${name}= and a whole number from \\d+ to \\d+; .*\\.$`,
      ),
    )
})

test('a client cannot be called dead before it is pinged', () => {
  for (const limit of [['deadAfterMs=2000'], ['pingEveryMs=4500'], ['deadAfterMs=9000', 'pingEveryMs=9000']])
    expect(refusal({ limit })).toMatch(/deadAfterMs=\d+"\. It has to be more than pingEveryMs, which is \d+/)
  expect(refusal({ limit: ['pingEveryMs=20000', 'deadAfterMs=45000'] })).toBe('')
  expect(refusal({ limit: ['polledDeadAfterMs=9000'] })).toMatch('It has to be more than polledPingEveryMs')
})

test('every field of each set of limits is a setting', () => {
  const sets = [defaultServerLimits, defaultSignalingLimits, DEFAULT_TURN_LIMITS]
  const names = sets.flatMap((set) => Object.keys(set))
  const defaults = sets.flatMap((set) => Object.entries(set))
  // Lower by one, since some stand at their highest; where that would be too low, as it is.
  const changed = defaults.map(([name, value]): [string, number] => [name, value - (value > 2 ? 1 : 0)])
  const limit = changed.map(([name, value]) => `${name}=${value}`)
  const { limits, signalingLimits, relayLimits } = parseSettings({ ...plain, limit })
  expect({ ...limits, ...signalingLimits, ...relayLimits }).toEqual(Object.fromEntries(changed))
  expect(new Set(names).size).toBe(names.length)
})
