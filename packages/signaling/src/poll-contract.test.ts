import { describeMachine } from '@crowfly/testkit'
import { PollClient, type PollClientEvent, PollServer, type PollServerEvent } from './index.ts'
import { pollPath, sendPath } from './poll-client.ts'
import { encode, pollAnswer, pollRequest } from './wire.ts'

describeMachine<PollServerEvent<number>>('PollServer', (random) => {
  const limits = { maxConnections: 2, maxBufferedBytes: 200, pollAnswerMs: 25_000, pollLapseMs: 10_000 }
  const machine = new PollServer<number>(limits)
  const connections = [random.bytes(16), random.bytes(16), random.bytes(16)]
  return {
    machine,
    paths: [0, 1, 2, 3],
    connections: {
      open: (path, now) => machine.handleOpen(path, path, now),
      close: (path, now) => machine.handleClose(path, now),
    },
    message(random) {
      const connection = random.pick(connections)
      const number = random.integer(4)
      const frames = [random.bytes(random.integer(20))]
      return encode(
        pollRequest,
        random.pick([
          { type: 'send', connection, number, isLast: random.chance(0.1), frames },
          { type: 'poll', connection, received: random.integer(3) },
        ] as const),
      )
    },
    commands: [
      (random, now) => machine.send(random.integer(2), random.bytes(random.integer(60)), now),
      (random, now) => machine.close(random.integer(2), now),
    ],
    event(event, driver) {
      if (event.type === 'refused') driver.close(event.path)
    },
  }
})

describeMachine<PollClientEvent>('PollClient', (random) => {
  const machine = new PollClient({ random })
  machine.send(random.bytes(17), 1000)
  return {
    machine,
    paths: [sendPath, pollPath],
    message: (random) =>
      encode(
        pollAnswer,
        random.pick([
          { type: 'taken', number: 1 + random.integer(3) },
          { type: 'batch', number: random.integer(4), isLast: random.chance(0.1), frames: [random.bytes(9)] },
        ] as const),
      ),
    commands: [
      (random, now) => machine.send(random.bytes(random.integer(40)), now),
      (random, now) => machine.handleFailure(random.pick([sendPath, pollPath]), now),
      (random, now) => {
        if (random.chance(0.1)) machine.handleRefusal(random.pick([sendPath, pollPath]), now)
      },
    ],
    close: (now) => machine.close(now),
  }
})
