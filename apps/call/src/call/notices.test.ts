import type { CallNotice } from '@crowfly/client'
import { describe, expect, it } from 'vitest'
import { recentNotices } from './notices.tsx'

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

  it('leave the loss of the server to the line that lasts', () => {
    expect(recentNotices([{ id: 1, atMs: 0, kind: 'serverLost', name: '' }], 0).recent).toEqual([])
  })
})
