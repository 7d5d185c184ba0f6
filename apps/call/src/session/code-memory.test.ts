import { parseChosenCode, parseRoomCode, type RoomCode } from '@crowfly/pairing'
import { expect, test } from 'vitest'
import { CodeMemory } from './code-memory.ts'

function memory(): Storage {
  const items = new Map<string, string>()
  return {
    length: 0,
    clear: () => items.clear(),
    key: () => null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

const code = (text: string): RoomCode => {
  const parsed = parseRoomCode(text)
  if ('problem' in parsed) throw new TypeError(parsed.problem)
  return parsed
}

test('a reloaded page and a duplicated tab find the code of the room in their address', () => {
  const store = memory()
  new CodeMemory(store).keep(code('4821-canoe-velvet-maple'))
  expect(new CodeMemory(store).recall('4821')).toEqual(code('4821-canoe-velvet-maple'))
  expect(new CodeMemory(store).recall('4822')).toBeNull()
  expect(new CodeMemory(store).recall('')).toBeNull()
})

test('of one room the newest code counts, and several rooms do not disturb each other', () => {
  const kept = new CodeMemory(memory())
  kept.keep(code('4821-canoe-velvet-maple'))
  kept.keep(code('7733-able-canoe-lunar'))
  kept.keep(code('4821-acid-acid-acid'))
  expect(kept.recall('4821')).toEqual(code('4821-acid-acid-acid'))
  expect(kept.recall('7733')).toEqual(code('7733-able-canoe-lunar'))
})

test('a room of one’s own is found however the address spells it', () => {
  const store = memory()
  const own = parseChosenCode('Book club', 'ten letters & more')
  if ('problem' in own) throw new TypeError(own.problem)
  new CodeMemory(store).keep(own)
  expect(new CodeMemory(store).recall('Book Club')).toEqual(own)
})

test('no more than eight are kept', () => {
  const kept = new CodeMemory(memory())
  for (let room = 1000; room < 1010; room += 1) kept.keep(code(`${room}-acid-acid-acid`))
  expect([kept.recall('1001'), kept.recall('1002')?.nameplate]).toEqual([null, '1002'])
})

test.each(['null', '7', '{"a":1}', 'no json', '["/4821#no words","https://",7,null]'])(
  'what is found in the store may be %s',
  (text) => {
    const store = memory()
    store.setItem('crowfly.codes', text)
    expect(new CodeMemory(store).recall('4821')).toBeNull()
  },
)

test('without storage the codes last as long as the page', () => {
  const refuse = (): never => {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  }
  const kept = new CodeMemory({ getItem: refuse, setItem: refuse, removeItem: refuse })
  kept.keep(code('4821-canoe-velvet-maple'))
  expect(kept.recall('4821')).toEqual(code('4821-canoe-velvet-maple'))
})
