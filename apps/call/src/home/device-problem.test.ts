import { describe, expect, it } from 'vitest'
import { deviceProblems } from './device-problem.tsx'

describe('problems with camera and microphone', () => {
  it('are one when both have the same', () => {
    expect(
      deviceProblems({
        camera: { state: 'failed', problem: 'denied' },
        microphone: { state: 'failed', problem: 'denied' },
      }),
    ).toEqual([{ device: 'both', problem: 'denied' }])
  })

  it('are told apart when they differ', () => {
    expect(
      deviceProblems({
        camera: { state: 'failed', problem: 'inUse' },
        microphone: { state: 'failed', problem: 'notFound' },
      }),
    ).toEqual([
      { device: 'camera', problem: 'inUse' },
      { device: 'microphone', problem: 'notFound' },
    ])
  })

  it('do not exist while nothing failed', () => {
    expect(deviceProblems({ camera: { state: 'off' }, microphone: { state: 'muted' } })).toEqual([])
  })
})
