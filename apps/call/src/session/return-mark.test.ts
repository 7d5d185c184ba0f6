import { expect, test } from 'vitest'
import { readReturnMark, writeReturnMark } from './return-mark.ts'

function storeWith(text: string | null) {
  let kept = text
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value
    },
    removeItem: () => {
      kept = null
    },
  }
}

test('the mark names the room and the devices, and no secret', () => {
  const store = storeWith(null)
  const mark = { nameplate: '4821', camera: true, microphone: false }
  writeReturnMark(store, mark)
  expect(store.getItem()).toBe('{"nameplate":"4821","camera":true,"microphone":false}')
  expect(readReturnMark(store)).toEqual(mark)
  writeReturnMark(store, null)
  expect(readReturnMark(store)).toBeNull()
})

test.each(['7', 'null', '[]', '{"code":"k7qf2x9m4d"}', '{"nameplate":""}', '{"nameplate":7}', 'no json'])(
  'what was left may be %s',
  (text) => {
    expect(readReturnMark(storeWith(text))).toBeNull()
  },
)
