import { describe, expect, it } from 'vitest'
import { shortcutAction } from './use-shortcuts.ts'

const press = { key: 'm', hasModifier: false, isTyping: false, isRepeat: false }

describe('a single key', () => {
  it('switches what it stands for, in either case', () => {
    expect(shortcutAction(press)).toBe('toggleMicrophone')
    expect(shortcutAction({ ...press, key: 'V' })).toBe('toggleCamera')
  })

  it('does nothing while somebody types, holds a modifier or keeps the key down', () => {
    expect(shortcutAction({ ...press, isTyping: true })).toBeNull()
    expect(shortcutAction({ ...press, hasModifier: true })).toBeNull()
    expect(shortcutAction({ ...press, isRepeat: true })).toBeNull()
  })

  it('does nothing when it stands for nothing', () => {
    expect(shortcutAction({ ...press, key: 'q' })).toBeNull()
    expect(shortcutAction({ ...press, key: 'constructor' })).toBeNull()
  })
})
