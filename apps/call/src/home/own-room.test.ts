import { describe, expect, it } from 'vitest'
import { ownRoomHints } from './own-room.ts'

describe('a room of one’s own', () => {
  it('has nothing to say while both are being typed', () => {
    expect(ownRoomHints('', '', false)).toEqual({ name: '', secret: '' })
    expect(ownRoomHints('book club', 'short', false)).toEqual({ name: '', secret: '' })
    expect(ownRoomHints('Bücherkreis', 'ten letters', true)).toEqual({ name: '', secret: '' })
  })

  it('says what is missing once it is pressed', () => {
    expect(ownRoomHints('', '', true)).toEqual({
      name: 'Give the room a name.',
      secret: 'Enter the secret that you agreed on.',
    })
    expect(ownRoomHints('book club', 'short', true).secret).toContain('ten characters or more')
  })

  it('says at once what no more typing mends', () => {
    expect(ownRoomHints('4821', '', false).name).toContain('needs a letter')
    expect(ownRoomHints('a'.repeat(70), '', false).name).toContain('64 characters')
    expect(ownRoomHints('a', 'with a tab\there', false).secret).toContain('cannot be seen')
    expect(ownRoomHints('a', 'x'.repeat(300), false).secret).toContain('256')
  })
})
