import { describe, expect, it } from 'vitest'
import { Campaign, minimize } from './campaign.ts'
import { type FuzzTarget, invariant } from './target.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

/** Goes wrong on an input that says a length which is not there. */
const overrun: FuzzTarget = {
  run(input) {
    if (input[0] !== 0x43 || input[1] !== 0x57) return 'no magic'
    const length = ((input[2] ?? 0) << 8) | (input[3] ?? 0)
    if (length === input.length - 4) return 'whole'
    invariant(length < 0xfff0, 'length near the end of its range')
    return 'wrong length'
  },
  maxBytes: 32,
}

describe('Campaign', () => {
  it('finds a planted fault from a sound input, and the same one again with the same seed', () => {
    const corpus = [ascii('CW\0\x04abcd')]
    const finding = new Campaign(overrun, 1, corpus).run(100_000)
    expect(finding?.error).toMatchObject({ code: 'INVARIANT_VIOLATION' })
    expect(new Campaign(overrun, 1, corpus).run(100_000)).toEqual(finding)
    expect(new Campaign(overrun, 2, corpus).run(100_000)).not.toEqual(finding)
  })

  it('stops at the finding, and goes on after it', () => {
    const campaign = new Campaign(overrun, 1, [ascii('CW\0\0')])
    const first = campaign.run(100_000)
    expect(campaign.runs).toBe(first?.run)
    campaign.run(1)
    expect(campaign.runs).toBe((first?.run ?? 0) + 1)
  })

  it('mutates the first input of each new outcome, and so gets deeper than from the corpus alone', () => {
    // Each byte of the word is an outcome of its own; all six at once are never hit by chance.
    const word = ascii('secret')
    const ladder: FuzzTarget = {
      run(input) {
        let right = 0
        while (right < word.length && input[right] === word[right]) right++
        return `${right} right`
      },
      maxBytes: 8,
    }
    const campaign = new Campaign(ladder, 1, [ascii('xxxxxx')])
    expect(campaign.run(300_000)).toBeUndefined()
    expect(campaign.outcomes.has('6 right')).toBe(true)
    expect([...campaign.outcomes.values()].reduce((a, b) => a + b)).toBe(300_000)
  })

  it('keeps inputs within the target’s bound', () => {
    let longest = 0
    const target: FuzzTarget = {
      run(input) {
        longest = Math.max(longest, input.length)
        return ''
      },
      maxBytes: 40,
    }
    new Campaign(target, 1, [new Uint8Array(100)]).run(20_000)
    expect(longest).toBe(40)
  })

  it('repairs about half of the inputs, and shows each one before it is run', () => {
    let repaired = 0
    let shown = 0
    const target: FuzzTarget = { run: () => '', repair: () => void repaired++ }
    new Campaign(target, 1, [], () => shown++).run(1000)
    expect(shown).toBe(1000)
    expect(Math.abs(repaired - 500)).toBeLessThan(100)
  })
})

describe('minimize', () => {
  it('leaves out what the failure does not need', () => {
    const target: FuzzTarget = {
      run(input) {
        invariant(!(input.includes(7) && input.includes(9)), 'both')
        return ''
      },
    }
    const input = Uint8Array.of(1, 2, 3, 7, 4, 5, 6, 9, 8)
    expect([...minimize(target, input, 'both')]).toEqual([7, 9])
  })
})
