import {
  ANSWER_BYTES,
  CANDIDATE_BYTES,
  CANDIDATES,
  OFFER_BYTES,
  type SignalingClient,
  type SignalingProtocol,
} from './clients/signaling-client.ts'
import { carried } from './clients/web-socket.ts'

/** What each side hears from the other: a description and the candidates. */
const MESSAGES_EACH = 1 + CANDIDATES

/** What two clients do: come, exchange what a call needs and go, or only come and go. */
export type Visit = 'pair' | 'joins'

/**
 * Two connects and joins, of a pair an offer, an answer and ten candidates, and two closes. Resolves when both are
 * closed.
 */
function runVisit(protocol: SignalingProtocol, port: number, visit: Visit): Promise<void> {
  return new Promise((resolve) => {
    const clients: SignalingClient[] = []
    const heard = [0, 0]
    let closed = 0

    const send = (side: number, kind: 'OFFER' | 'ANSWER', bytes: number): void => {
      clients[side]?.send(kind, bytes)
      for (let i = 0; i < CANDIDATES; i++) clients[side]?.send('CANDIDATE', CANDIDATE_BYTES)
    }
    const connect = (side: number, address?: string): void => {
      clients[side] = protocol.connect(port, address, {
        ready: (own) => {
          if (side === 0) connect(1, own)
          else if (visit === 'pair') send(1, 'OFFER', OFFER_BYTES)
          else for (const client of clients) client.close()
        },
        received: () => {
          const count = (heard[side] ?? 0) + 1
          heard[side] = count
          if (side === 0 && count === 1) send(0, 'ANSWER', ANSWER_BYTES)
          if (heard[0] === MESSAGES_EACH && heard[1] === MESSAGES_EACH)
            for (const client of clients) client.close()
        },
        closed: () => {
          if (visit === 'pair' && heard[side] !== MESSAGES_EACH)
            throw new Error('a connection was closed before the pair was done')
          if (++closed === 2) resolve()
        },
      })
    }
    connect(0)
  })
}

/** Runs visits, `concurrency` at a time, for some seconds: how many were done, and the octets of all. */
export async function runVisits(
  protocol: SignalingProtocol,
  port: number,
  visit: Visit,
  { concurrency, seconds }: { concurrency: number; seconds: number },
): Promise<{ count: number; bytes: number; seconds: number }> {
  const start = performance.now()
  const end = start + seconds * 1000
  const bytesBefore = carried.bytes
  let count = 0
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      await runVisit(protocol, port, visit)
      count++
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return { count, bytes: carried.bytes - bytesBefore, seconds: (performance.now() - start) / 1000 }
}

/** Connects `count` clients that wait for somebody, a few at a time. */
export async function connectIdle(
  protocol: SignalingProtocol,
  port: number,
  count: number,
): Promise<{ close(): Promise<void> }> {
  const clients: SignalingClient[] = []
  let closed = 0
  let allClosed = (): void => {}
  let isClosing = false
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const client = protocol.connect(port, undefined, {
        ready: () => resolve(),
        received: () => {},
        closed: () => {
          if (!isClosing) throw new Error('an idle connection was closed')
          if (++closed === count) allClosed()
        },
      })
      clients.push(client)
    })
  const lane = async (): Promise<void> => {
    while (clients.length < count) await one()
  }
  await Promise.all(Array.from({ length: 50 }, lane))
  return {
    close: () =>
      new Promise((resolve) => {
        allClosed = resolve
        isClosing = true
        for (const client of clients) client.close()
      }),
  }
}
