import { describe, expect, it, vi } from 'vitest'
import { matchesLock } from './installation.mjs'
import { isNodeNewEnough, minimumNode } from './node-version.mjs'

const lock = {
  packages: {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' },
    'node_modules/@crowfly/b': { link: true },
    'node_modules/for-another-platform': { version: '2.0.0', optional: true },
  },
}

const installed = (changes: object) => ({ packages: { ...lock.packages, ...changes } })

describe('an installation', () => {
  it('matches the lock file when everything is there in its version', () => {
    expect(matchesLock(lock, installed({}))).toBe(true)
    expect(matchesLock(lock, installed({ 'node_modules/left-over': { version: '1.0.0' } }))).toBe(true)
  })

  it('may miss optional packages, which are for other platforms, but not have them in another version', () => {
    expect(matchesLock(lock, installed({ 'node_modules/for-another-platform': undefined }))).toBe(true)
    expect(matchesLock(lock, installed({ 'node_modules/for-another-platform': { version: '1.9.9' } }))).toBe(
      false,
    )
  })

  it.each([
    ['is missing', undefined],
    ['has another version', { version: '1.2.4', integrity: 'sha512-a' }],
    ['has other content', { version: '1.2.3', integrity: 'sha512-b' }],
  ])('does not match when a package %s', (_, found) => {
    expect(matchesLock(lock, installed({ 'node_modules/a': found }))).toBe(false)
  })
})

describe('the version of Node', () => {
  it.each([minimumNode, '20.20.2', '22.0.0', '100.0.0'])('%s is new enough', (version) => {
    expect(isNodeNewEnough(version)).toBe(true)
  })

  it.each(['20.18.3', '18.20.8', '8.0.0'])('%s is refused in a sentence that says what to do', (version) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(isNodeNewEnough(version)).toBe(false)
    expect(said.mock.calls.join()).toContain(`this is ${version}. Install a newer Node.js`)
    said.mockRestore()
  })
})
