import { describe, expect, it } from 'vitest'
import { TransportChoice } from './transport-choice.ts'

describe('the choice among transports', () => {
  it('takes the next one when one comes to nothing, and the first after the last', () => {
    const choice = new TransportChoice(3)
    const taken = [choice.current]
    for (let i = 0; i < 3; i++) {
      choice.handleFailure(choice.current)
      taken.push(choice.current)
    }
    expect(taken).toEqual([0, 1, 2, 0])
  })

  it('stays with what worked, and does not mind what else fails', () => {
    const choice = new TransportChoice(2)
    choice.handleFailure(0)
    choice.handleSuccess(1, 0)
    choice.handleFailure(0)
    expect(choice.current).toBe(1)
  })

  it('tries a better one after 30 s, then after pauses that double up to 10 min', () => {
    const choice = new TransportChoice(2)
    choice.handleFailure(0)
    choice.handleSuccess(1, 0)
    const pauses = []
    let now = 0
    for (let i = 0; i < 7; i++) {
      pauses.push((choice.besideAt - now) / 1000)
      expect(choice.takeBeside(choice.besideAt - 1)).toBeNull()
      now = choice.besideAt
      expect(choice.takeBeside(now)).toBe(0)
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600])
  })

  it('tries all the better ones in turn', () => {
    const choice = new TransportChoice(3)
    choice.handleSuccess(2, 0)
    const tried = [1, 2, 3].map(() => choice.takeBeside(choice.besideAt))
    expect(tried).toEqual([0, 1, 0])
  })

  it('tries none while the best is in use', () => {
    const choice = new TransportChoice(2)
    expect(choice.besideAt).toBe(Infinity)
    choice.handleSuccess(1, 0)
    choice.handleSuccess(0, 40_000)
    choice.handleNetworkChange(50_000)
    expect(choice.besideAt).toBe(Infinity)
  })

  it('tries one at once after a change of network, and begins with the pauses anew', () => {
    const choice = new TransportChoice(2)
    choice.handleSuccess(1, 0)
    for (let i = 0; i < 4; i++) choice.takeBeside(choice.besideAt)
    choice.handleNetworkChange(1_000_000)
    expect(choice.takeBeside(1_000_000)).toBe(0)
    expect(choice.besideAt).toBe(1_060_000)
  })

  it('tries one soon that has worked before', () => {
    const choice = new TransportChoice(2)
    choice.handleSuccess(0, 0)
    choice.handleFailure(0)
    choice.handleSuccess(1, 10_000)
    expect(choice.besideAt).toBe(12_000)
  })

  it('goes by its pauses when what it uses is lost and comes back', () => {
    const choice = new TransportChoice(2)
    choice.handleSuccess(1, 0)
    choice.takeBeside(30_000)
    choice.handleSuccess(1, 50_000)
    expect(choice.besideAt).toBe(90_000)
  })
})
