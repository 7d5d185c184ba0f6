import { expect, test } from 'vitest'
import { addressesOf, areLoopback, resolveHosts } from './listening-addresses.ts'
import { localAddresses } from './local-addresses.ts'
import { afterThis, start } from './testing/running.ts'

test('addresses stand for themselves, and once', async () => {
  expect(await resolveHosts(['::1', '127.0.0.1', '::1'])).toEqual(['::1', '127.0.0.1'])
})

test('an address is the same however it is written', async () => {
  expect(await resolveHosts(['FD00::0:2', 'fd00:0:0:0::2', 'FE80::1%eth0'])).toEqual([
    'fd00::2',
    'fe80::1%eth0',
  ])
})

test('a link-local address needs its interface', async () => {
  await expect(resolveHosts(['FEB0::1'], '--listen')).rejects.toMatchObject({
    code: 'ADDRESS_NOT_AVAILABLE',
    message: expect.stringMatching(/^FEB0::1 \(--listen\) is a link-local address: .* feb0::1%eth0\.$/),
  })
})

test('a wildcard address stands for those that it covers', async () => {
  expect(await resolveHosts(['127.0.0.1', '0.0.0.0', '::1'])).toEqual(['0.0.0.0', '::1'])
  expect(await resolveHosts(['127.0.0.1', '0.0.0.0', '::', '::1'])).toEqual(['::'])
})

test('a name stands for its addresses', async () => {
  expect(await resolveHosts(['localhost'])).toContain('127.0.0.1')
})

test('STUN is answered on all addresses, on those of IPv4, or on those that were named', () => {
  const all = localAddresses()
  expect(addressesOf([])).toEqual(all)
  expect(addressesOf(['::'])).toEqual(all)
  expect(addressesOf(['0.0.0.0'])).toEqual(all.filter(({ family }) => family === 4))
  expect(addressesOf(['127.0.0.1', '203.0.113.9']).map(({ address }) => address)).toEqual(['127.0.0.1'])
})

test('an address of this machine that the system does not list is one all the same', () => {
  expect(addressesOf(['127.8.0.9', '127.0.0.1'])).toEqual([
    { family: 4, address: '127.0.0.1', reach: 'loopback' },
    { family: 4, address: '127.8.0.9', reach: 'loopback' },
  ])
})

test('loopback addresses alone keep a server to this machine', () => {
  for (const hosts of [['127.0.0.1'], ['::1'], ['127.8.0.9', '::1']]) expect(areLoopback(hosts)).toBe(true)
  for (const hosts of [[], ['0.0.0.0'], ['::'], ['127.0.0.1', '192.168.1.5'], ['fe80::1%eth0']])
    expect(areLoopback(hosts)).toBe(false)
})

test('hosts that cover each other can be listened on', async () => {
  const server = await start({ host: ['0.0.0.0', '127.0.0.1', 'localhost'] })
  afterThis(() => server.close())
  expect(server.addresses().map(({ address }) => address)).toContain('127.0.0.1')
})
