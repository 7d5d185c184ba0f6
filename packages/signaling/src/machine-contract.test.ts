import { describeMachine, type SeededRandom, testCrypto } from '@crowfly/testkit'
import { type MemberEvent, MemberSession, SignalingServer, type SignalingServerEvent } from './index.ts'
import { generateMemberId } from './member-id.ts'
import { clientFrame, encode, protocolVersion, type ServerMessage, serverFrame } from './wire.ts'

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
  const nameplates = ['4821', 'kitchen']
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
          {
            type: 'hello',
            version: protocolVersion,
            session: random.pick(sessions),
            received: random.integer(3),
          },
          { ...item, seq: 1, message: { type: 'create', memberId } },
          { ...item, message: { type: 'send', to: memberId, envelope } },
          { ...item, seq: 1, message: { type: 'look', nameplate: random.pick(nameplates), memberId } },
          {
            ...item,
            message: {
              type: 'join',
              nameplate: random.pick(nameplates),
              memberId,
              ordinal: 0,
              token: new Uint8Array(0),
              ifEmpty: random.pick(['refuse', 'wait']),
            },
          },
          { ...item, message: { type: 'leaveTickets', isAnew: random.chance(0.2), tickets: [envelope] } },
          {
            ...item,
            message: { type: random.pick(['askTicket', 'confirm', 'reportGuess']), memberId },
          },
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
  const isLooking = random.chance(0.5)
  if (isLooking) machine.look('4821', 1000)
  else machine.open({ kind: 'create' }, 1000)
  let isAwaited = false
  const members = [generateMemberId(random), generateMemberId(random), generateMemberId(random)]
  const message = (random: SeededRandom): ServerMessage => {
    const memberId = random.pick(members)
    const iceOffer = { iceServers: [], iceLifetimeMs: random.pick([0, 60_000]) }
    const ticket = random.bytes(random.integer(3))
    const listed = [{ memberId, ordinal: random.integer(4), isAway: random.chance(0.5), ticket }]
    return random.pick<ServerMessage>([
      {
        type: 'joined',
        nameplate: '4821',
        ordinal: 2,
        token: random.bytes(32),
        members: listed,
        ...iceOffer,
      },
      { type: 'looked', nameplate: '4821', members: listed, ...iceOffer },
      { type: 'refused', code: 'tooManyTries', retryAfterMs: random.integer(2) * 1000 },
      { type: 'ticket', memberId, ticket },
      { type: 'ticketsWanted', count: random.integer(256) },
      { type: 'confirmed', token: random.bytes(32) },
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
      { type: 'envelope', from: memberId, envelope: ticket },
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
      (random) => machine.send(random.pick(members), random.bytes(3)),
      (random) => machine.leaveTickets([random.bytes(3)], random.chance(0.5)),
      (random) => machine.askTicket(random.pick(members)),
      (random) => machine.confirm(random.pick(members)),
      (random) => machine.reportGuess(random.pick(members)),
      (_, now) => machine.handleNetworkChange(now),
    ],
    event(event, driver) {
      if (event.type === 'connect') isAwaited = true
      if (event.type === 'disconnect') driver.close(event.path)
    },
    close: () => machine.leave(),
  }
})
