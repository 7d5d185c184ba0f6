import type { LocalMediaSnapshot } from '@crowfly/client'
import { describe, expect, it } from 'vitest'
import { deviceNews } from './use-device-news.ts'

const on: Pick<LocalMediaSnapshot, 'camera' | 'microphone' | 'screen'> = {
  camera: { state: 'on' },
  microphone: { state: 'on' },
  screen: { state: 'off' },
}

describe('news of a device during a call', () => {
  it('come when it fails', () => {
    expect(deviceNews(on, { ...on, camera: { state: 'failed', problem: 'ended' } })).toContain('went away')
  })

  it('come once', () => {
    const failed = { ...on, microphone: { state: 'failed', problem: 'inUse' } } as const
    expect(deviceNews(failed, { ...failed })).toBeNull()
  })

  it('do not come when the picker of screens was closed', () => {
    expect(deviceNews(on, { ...on, screen: { state: 'failed', problem: 'dismissed' } })).toBeNull()
    expect(deviceNews(on, { ...on, screen: { state: 'failed', problem: 'denied' } })).toContain('not shared')
  })
})
