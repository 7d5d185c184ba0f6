import type { CallNotice } from '@crowfly/client'
import { describe, expect, it } from 'vitest'
import { lostServerWords, recentNotices } from './notices.tsx'

const joined = (id: number, atMs: number): CallNotice => ({ id, atMs, kind: 'peerJoined', name: 'Ann' })

describe('the lines for what happened', () => {
  it('go five seconds after the event', () => {
    const notices = [joined(1, 1000), joined(2, 4000)]
    expect(recentNotices(notices, 5000)).toEqual({ recent: notices, nextMs: 6000 })
    expect(recentNotices(notices, 6000)).toEqual({ recent: [joined(2, 4000)], nextMs: 9000 })
    expect(recentNotices(notices, 9000)).toEqual({ recent: [], nextMs: Number.POSITIVE_INFINITY })
  })

  it('are never more than three', () => {
    const notices = [1, 2, 3, 4, 5].map((id) => joined(id, 1000))
    expect(recentNotices(notices, 1000).recent.map(({ id }) => id)).toEqual([3, 4, 5])
  })

  it('stay longer where they ask for something', () => {
    const unproven: CallNotice = { id: 1, atMs: 0, kind: 'peerUnproven', name: 'Bob' }
    expect(recentNotices([unproven], 14_000)).toEqual({ recent: [unproven], nextMs: 15_000 })
    expect(recentNotices([unproven], 15_000).recent).toEqual([])
  })

  it('leave the loss of the server to the line that lasts', () => {
    expect(recentNotices([{ id: 1, atMs: 0, kind: 'serverLost', name: '' }], 0).recent).toEqual([])
  })
})

describe('the line for a server that is away', () => {
  const notices = (...kinds: readonly CallNotice['kind'][]): CallNotice[] =>
    kinds.map((kind, id) => ({ id, atMs: 0, kind, name: '' }))

  it('does not promise that a server that was stopped comes back', () => {
    const inCall = lostServerWords(notices('serverStopping'), false)
    const waiting = lostServerWords(notices('serverStopping'), true)
    expect(inCall).toBe('The server has stopped. The call goes on.')
    expect(waiting).toContain('The server has stopped.')
    expect(`${inCall} ${waiting}`).not.toContain('restart')
  })

  it('speaks of a call that goes on only where there is one', () => {
    expect(lostServerWords(notices('serverLost'), false)).toContain('The call goes on')
    for (const kind of ['serverLost', 'serverStopping'] as const) {
      expect(lostServerWords(notices(kind), true)).not.toContain('The call goes on')
    }
  })

  it('forgets a stop that the server came back from', () => {
    expect(lostServerWords(notices('serverStopping', 'serverBack', 'serverLost'), false)).toContain('lost')
  })
})
