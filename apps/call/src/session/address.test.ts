import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { browserAddress, roomInPath } from './address.ts'

let href: URL
let entries: string[]

beforeEach(() => {
  open('https://call.example/4821#canoe-velvet-maple')
  vi.stubGlobal('history', {
    state: null,
    replaceState: (_: unknown, __: string, path: string) => {
      href = new URL(path, href)
      entries = [...entries.slice(0, -1), href.href]
    },
    pushState: (_: unknown, __: string, path: string) => {
      href = new URL(path, href)
      entries = [...entries, href.href]
    },
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

function open(address: string): void {
  href = new URL(address)
  entries = [href.href]
  vi.stubGlobal('location', {
    get href() {
      return href.href
    },
    get host() {
      return href.host
    },
    get pathname() {
      return href.pathname
    },
    get search() {
      return href.search
    },
  })
}

describe('the address bar', () => {
  it('gives the secret once, and shows it no more', () => {
    const address = browserAddress(() => 'https://call.example')
    expect(entries).toEqual(['https://call.example/4821'])
    expect(address.takeFragment()).toBe('canoe-velvet-maple')
    expect([address.takeFragment(), address.room, address.host]).toEqual([null, '4821', 'call.example'])
  })

  it('gives the secret of a link that is pasted over it', () => {
    const address = browserAddress(() => '')
    href = new URL('https://call.example/4821#acid-acid-acid')
    expect(address.takeFragment()).toBe('acid-acid-acid')
    expect([address.takeFragment(), href.hash]).toEqual([null, ''])
  })

  it('tells a link that ends in # from one without', () => {
    open('https://call.example/4821#')
    expect(browserAddress(() => '').takeFragment()).toBe('')
    open('https://call.example/4821')
    expect(browserAddress(() => '').takeFragment()).toBeNull()
  })

  it('never shows a secret of a room that is gone to', () => {
    const address = browserAddress(() => 'https://192.0.2.1:8443')
    address.takeFragment()
    address.show('4821')
    expect(entries).toHaveLength(1)
    address.show('bücher club')
    address.show(null)
    expect(entries.slice(1)).toEqual(['https://call.example/b%C3%BCcher%20club', 'https://call.example/'])
    expect(address.linkTo({ kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'maple'] })).toBe(
      'https://192.0.2.1:8443/4821#canoe-velvet-maple',
    )
  })

  it('reads paths as people write them', () => {
    expect(['/', '/4821', '/4821/', '/b%C3%BCcher', '/%zz'].map(roomInPath)).toEqual([
      '',
      '4821',
      '4821',
      'bücher',
      '%zz',
    ])
  })
})
