import { createHmac } from 'node:crypto'
import type { IceClient } from '@crowfly/signaling'
import { SeededRandom } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { RoomAccounts } from './room-accounts.ts'

const tokenKey = new Uint8Array(32).fill(7)
const hour = 3_600

function accounts(key = tokenKey) {
  const clock = { seconds: 1_800_000_000 }
  const found = new RoomAccounts({
    tokenKey: key,
    lifetimeSeconds: hour,
    wallClock: () => clock.seconds * 1000,
  })
  return { accounts: found, clock }
}

const ann: IceClient = { nameplate: 'k7qf2x9m4d', memberId: 'AAAAAAAAAAAAAAAAAAAAAA' }
const bob: IceClient = { nameplate: 'k7qf2x9m4d', memberId: 'BBBBBBBBBBBBBBBBBBBBBA' }
const elsewhere: IceClient = { nameplate: '0000000000', memberId: ann.memberId }

test('a credential is of the TURN REST form, and what it says of room and member says no name', () => {
  const { accounts: relay, clock } = accounts()
  const { username, credential } = relay.issue(ann)
  expect(username).toMatch(/^\d{10}:[\w-]{12}:[\w-]{12}$/)
  expect(username).not.toContain(ann.nameplate)
  expect(username).not.toContain(ann.memberId)
  const lifetime = Number(username.split(':')[0]) - clock.seconds
  expect(lifetime).toBeGreaterThanOrEqual(hour)
  expect(lifetime).toBeLessThanOrEqual(1.5 * hour)
  expect(Buffer.from(credential, 'base64')).toHaveLength(20)
  expect(relay.find(username)?.password).toBe(credential)
})

test('the password is not made by the key of the room tokens itself', () => {
  const { accounts: relay } = accounts()
  const { username, credential } = relay.issue(ann)
  expect(createHmac('sha1', tokenKey).update(username).digest('base64')).not.toBe(credential)
})

test('members of one room share it, and those of another do not', () => {
  const { accounts: relay } = accounts()
  const rooms = [ann, bob, elsewhere].map((client) => relay.find(relay.issue(client).username)?.room)
  expect(rooms[0]).toBe(rooms[1])
  expect(rooms[0]).not.toBe(rooms[2])
  const names = [ann, bob, elsewhere].map((client) => relay.issue(client).username)
  expect(new Set(names).size).toBe(3)
})

test('expiry refuses new allocations, and a live one is kept as long as its member is there', () => {
  const { accounts: relay, clock } = accounts()
  const { username } = relay.issue(ann)
  clock.seconds += hour
  expect(relay.find(username)).toMatchObject({ mayAllocate: true })
  clock.seconds += hour
  expect(relay.find(username)).toMatchObject({ mayAllocate: false })
  const renewed = relay.issue(ann)
  expect(renewed.username).not.toBe(username)
  expect(relay.find(renewed.username)).toMatchObject({ mayAllocate: true })
  expect([username, renewed.username].map(relay.owns(ann))).toEqual([true, true])
  relay.dismiss(ann)
  expect(relay.find(username)).toBeUndefined()
  expect(relay.find(renewed.username)).toBeUndefined()
  expect([username, renewed.username].map(relay.owns(ann))).toEqual([true, true])
  expect(relay.owns(bob)(username)).toBe(false)
})

test('whoever asks often gets the same one', () => {
  const { accounts: relay } = accounts()
  const first = relay.issue(ann)
  for (let i = 0; i < 100; i++) expect(relay.issue(ann)).toEqual(first)
})

test('names that were not given out are nobody’s', () => {
  const { accounts: relay } = accounts()
  const { username } = relay.issue(ann)
  const [expiry, room, member] = username.split(':')
  const otherRoom = relay.issue(elsewhere).username.split(':')[1]
  for (const name of [
    '',
    ':',
    'u',
    `${expiry}:${otherRoom}:${member}`,
    `${room}:${member}`,
    `${username}:`,
    ` ${username}`,
  ]) {
    expect(relay.find(name)).toBeUndefined()
  }
  // Another expiry is another name, whose password only the server can make.
  expect(relay.find(`9999999999:${room}:${member}`)?.password).not.toBe(relay.find(username)?.password)
})

test('a restarted server knows the credentials of members who are back, and one with another key does not', () => {
  const { username, credential } = accounts().accounts.issue(ann)
  const restarted = accounts().accounts
  expect(restarted.find(username)).toBeUndefined()
  restarted.issue(ann)
  expect(restarted.find(username)?.password).toBe(credential)
  const other = accounts(new Uint8Array(32).fill(8)).accounts
  other.issue(ann)
  expect(other.find(username)).toBeUndefined()
})

test('nothing is kept of those who have left', () => {
  const { accounts: relay } = accounts()
  const clients = Array.from({ length: 100 }, (_, index) => ({ ...ann, nameplate: String(1000 + index) }))
  for (const client of clients) relay.issue(client)
  expect(relay.size).toBe(100)
  for (const client of clients) relay.dismiss(client)
  expect(relay.size).toBe(0)
})

test('whatever strangers call themselves, they are nobody', () => {
  const { accounts: relay } = accounts()
  const { username } = relay.issue(ann)
  const random = new SeededRandom(1)
  const characters = ':0123456789AZaz-_=+/ \u0000\u00e9\ud800'
  for (let i = 0; i < 20_000; i++) {
    const [from, to] = [random.integer(username.length), random.integer(username.length)]
    const inserted = Array.from({ length: random.integer(16) }, () => random.pick([...characters])).join('')
    const name = username.slice(0, from) + inserted + username.slice(to)
    // The time alone may be another: the password says whether it was given out.
    const isOwn = /^\d{1,15}$/.test(name.slice(0, -26)) && name.slice(-26) === username.slice(-26)
    expect(relay.find(name) !== undefined, name).toBe(isOwn)
  }
})
