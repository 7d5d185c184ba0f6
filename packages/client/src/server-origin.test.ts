import { expect, test } from 'vitest'
import { JoinError } from './join-error.ts'
import { serverOrigin } from './server-origin.ts'

test('a call goes to the server that is named, else to that of the page', () => {
  expect(serverOrigin('https://call.example', 'https://page.example').href).toBe('https://call.example/')
  expect(serverOrigin(new URL('http://localhost:8443'), null).href).toBe('http://localhost:8443/')
  expect(serverOrigin(undefined, 'https://page.example').href).toBe('https://page.example/')
})

test.for([undefined, '', 'call.example', 'ftp://call.example', 'file:///page.html'])(
  'to %s no call can go',
  (server) => {
    expect(() => serverOrigin(server, null)).toThrow(JoinError)
    // The origin of a page opened from a file is the text "null".
    expect(() => serverOrigin(undefined, 'null')).toThrow(expect.objectContaining({ code: 'JOIN_SERVER' }))
  },
)
