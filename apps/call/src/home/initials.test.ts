import { expect, it } from 'vitest'
import { initials } from './initials.ts'

it.each([
  ['Ann', 'A'],
  ['ann lindqvist', 'AL'],
  ['  Jean  Luc van Damme ', 'JD'],
  ['🦜 Polly', '🦜P'],
  ['', ''],
])('the initials of "%s" are "%s"', (name, letters) => {
  expect(initials(name)).toBe(letters)
})
