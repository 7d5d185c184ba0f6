import { describeMachine, type SeededRandom, testCrypto } from '@crowfly/testkit'
import { type MemberEvent, MemberSession, SignalingServer, type SignalingServerEvent } from './index.ts'
import { generateMemberId } from './member-id.ts'
import { clientFrame, encode, pairEnvelope, pairMessage, type ServerMessage, serverFrame } from './wire.ts'

const opened = {
  address: { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 5000 },
  host: 'crowfly.example',
} as const

describeMachine<SignalingServerEvent>('SignalingServer', (random) => {
  const machine = new SignalingServer({
    random,
    crypto: testCrypto,
    tokenKey: random.bytes(32),
    iceServers: (host) => [{ urls: [`stun:${host}:8443`] }],
    iceLifetimeMs: 60_000,
  })
  const sessions = [random.bytes(16), random.bytes(16), random.bytes(16)]
  const memberIds = [generateMemberId(random), generateMemberId(random)]
  return {
    machine,
    paths: [0, 1, 2, 3],
    connections: {
      open: (path, now) => machine.handleOpen(path, opened, now),
      close: (path, now) => machine.handleClose(path, now),
    },
    message(random) {
      const seq = 1 + random.integer(4)
      const memberId = random.pick(memberIds)
      const envelope = random.bytes(random.integer(40))
      const item = { type: 'item', seq, ack: 0 } as const
      return encode(
        clientFrame,
        random.pick([
          { type: 'hello', version: 1, session: random.pick(sessions), received: random.integer(3) },
          { ...item, seq: 1, message: { type: 'create', memberId } },
          { ...item, message: { type: 'send', to: memberId, envelope } },
          { ...item, message: { type: 'leave' } },
          { ...item, message: { type: 'askIceServers' } },
          { type: 'ping', ack: random.integer(3) },
          { type: 'pong', ack: 0 },
        ] as const),
      )
    },
    commands: [],
    event(event, driver) {
      if (event.type === 'disconnect') driver.close(event.path)
    },
    close: (now) => machine.shutdown(now),
  }
})

describeMachine<MemberEvent>('MemberSession', (random) => {
  const machine = new MemberSession({ random })
  machine.open({ kind: 'create' }, 1000)
  let isAwaited = false
  const members = [generateMemberId(random), generateMemberId(random), generateMemberId(random)]
  const message = (random: SeededRandom): ServerMessage => {
    const memberId = random.pick(members)
    const body = encode(pairMessage, { type: 'ringing', attempt: 1 })
    const link = { opening: random.integer(3), answering: random.integer(2), ack: random.integer(2) }
    return random.pick<ServerMessage>([
      {
        type: 'joined',
        nameplate: 'k7qf2x9m4d',
        ordinal: 2,
        token: random.bytes(32),
        members: [{ memberId, ordinal: random.integer(4), isAway: false }],
        iceServers: [],
        iceLifetimeMs: random.pick([0, 60_000]),
      },
      {
        type: 'iceServers',
        iceServers: [{ urls: ['stun:a:1'], username: '', credential: '' }],
        iceLifetimeMs: 60_000,
      },
      { type: 'memberJoined', memberId, ordinal: random.integer(4) },
      { type: 'memberAway', memberId },
      { type: 'memberBack', memberId },
      { type: 'memberLeft', memberId, reason: 'left' },
      { type: 'undeliverable', to: memberId, reason: 'notHere' },
      {
        type: 'envelope',
        from: memberId,
        envelope: encode(pairEnvelope, { version: 0, content: { type: 'message', ...link, seq: 1, body } }),
      },
    ])
  }
  return {
    machine,
    paths: [0, 1],
    connections: {
      open(path, now) {
        isAwaited = false
        machine.handleOpen(path, undefined, now)
      },
      close(path, now) {
        isAwaited = false
        machine.handleClose(path, now)
      },
      isAwaited: () => isAwaited,
    },
    message: (random) =>
      encode(
        serverFrame,
        random.pick([
          {
            type: 'welcome',
            isResumed: random.chance(0.5),
            received: random.integer(2),
            pingEveryMs: 2000,
            deadAfterMs: 4500,
            graceMs: 30_000,
          },
          { type: 'item', seq: 1 + random.integer(4), ack: 0, message: message(random) },
          { type: 'item', seq: 1 + random.integer(4), ack: 0, message: message(random) },
          { type: 'ping', ack: 0 },
          { type: 'goodbye', code: 'restarting', retryAfterMs: 100 },
        ] as const),
      ),
    commands: [
      (random, now) => machine.send(random.pick(members), { type: 'ringing', attempt: 1 }, now),
      (_, now) => machine.handleNetworkChange(now),
    ],
    event(event, driver) {
      if (event.type === 'connect') isAwaited = true
      if (event.type === 'disconnect') driver.close(event.path)
    },
    close: (now) => machine.leave(now),
  }
})
