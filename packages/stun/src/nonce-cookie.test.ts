import { describe, expect, it } from 'vitest'
import {
  decodeNonceCookie,
  encodeNonceCookie,
  NONCE_COOKIE_CHARACTERS,
  SecurityFeature,
} from './nonce-cookie.ts'

describe('the nonce cookie', () => {
  it.each([
    [0, 'obMatJos2AAAA'],
    [SecurityFeature.PASSWORD_ALGORITHMS, 'obMatJos2gAAA'],
    [SecurityFeature.USERNAME_ANONYMITY, 'obMatJos2QAAA'],
    [SecurityFeature.PASSWORD_ALGORITHMS | SecurityFeature.USERNAME_ANONYMITY, 'obMatJos2wAAA'],
    [0xfbfffe, 'obMatJos2+//+'],
  ])('of features 0x%s is %s', (features, cookie) => {
    expect(encodeNonceCookie(features)).toBe(cookie)
    expect(cookie.length).toBe(NONCE_COOKIE_CHARACTERS)
    expect(decodeNonceCookie(`${cookie}adl7W7PeDU4hKE72jda`)).toBe(features)
    expect(decodeNonceCookie(cookie)).toBe(features)
  })

  it.each([
    '',
    'obMatJos2',
    'obMatJos2gAA',
    'obMatJos2g-_A',
    'obMatJos2gA=A',
    'obmatjos2gAAA',
    'f//499k954d6OL34',
  ])('is not in "%s"', (nonce) => {
    expect(decodeNonceCookie(nonce)).toBeUndefined()
  })
})
