import { describe, expect, it } from 'vitest'
import { cameraScale, scaleSender } from './camera-scale.ts'
import { FakeTransceiver } from './testing/fake-connection.ts'

describe('the size of the camera picture', () => {
  it('is whole for one person and never grows with their number', () => {
    expect(cameraScale(1)).toBe(1)
    for (let count = 1; count < 16; count++) {
      expect(cameraScale(count + 1)).toBeGreaterThanOrEqual(cameraScale(count))
    }
    expect(cameraScale(15)).toBe(3)
  })

  it('is set once on the sender, and taken back', async () => {
    const { sender } = new FakeTransceiver('video', 'sendrecv', () => {})
    await scaleSender(sender, 2)
    await scaleSender(sender, 2)
    expect(sender.getParameters().encodings[0]?.scaleResolutionDownBy).toBe(2)
    expect(sender.changes).toBe(1)
    await scaleSender(sender, 1)
    expect(sender.getParameters().encodings[0]?.scaleResolutionDownBy).toBe(1)
  })

  it('leaves a sender alone that has no encoding yet', async () => {
    const { sender } = new FakeTransceiver('video', 'sendrecv', () => {})
    sender.encodings = []
    await scaleSender(sender, 2)
    expect(sender.changes).toBe(0)
  })
})
