import { expect, it } from 'vitest'
import { loudness } from './audio-level.ts'

it('silence has no loudness and a full tone has all of it', () => {
  const tone = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i / 4))
  expect(loudness(new Float32Array(512))).toBe(0)
  expect(loudness(tone)).toBe(1)
})

it('loudness follows decibels', () => {
  const constant = (value: number) => new Float32Array(512).fill(value)
  expect(loudness(constant(10 ** (-35 / 20)))).toBeCloseTo(0.5, 2)
})
