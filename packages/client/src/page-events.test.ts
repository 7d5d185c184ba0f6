import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PageEvent, watchPage } from './page-events.ts'

class FakeDocument extends EventTarget {
  visibilityState = 'hidden'
}

class FakeNetworkInformation extends EventTarget {
  type = 'wifi'
}

let page: EventTarget
let sheet: FakeDocument
let connection: FakeNetworkInformation
let heard: PageEvent[]
let stop: () => void

beforeEach(() => {
  page = new EventTarget()
  sheet = new FakeDocument()
  connection = new FakeNetworkInformation()
  heard = []
  vi.stubGlobal('window', page)
  vi.stubGlobal('document', sheet)
  vi.stubGlobal('navigator', { connection })
  stop = watchPage((event) => heard.push(event))
})

afterEach(() => {
  vi.unstubAllGlobals()
})

function transition(type: 'pagehide' | 'pageshow', persisted: boolean): Event {
  return Object.assign(new Event(type), { persisted })
}

test('being online again is another network', () => {
  page.dispatchEvent(new Event('online'))
  expect(heard).toEqual(['networkChanged'])
})

test('a new estimate of the same network is not, another kind of network is', () => {
  connection.dispatchEvent(new Event('change'))
  connection.type = 'cellular'
  connection.dispatchEvent(new Event('change'))
  connection.dispatchEvent(new Event('change'))
  expect(heard).toEqual(['woke', 'networkChanged', 'woke'])
})

test('a tab that is shown has woken, one that is hidden has not', () => {
  sheet.dispatchEvent(new Event('visibilitychange'))
  sheet.visibilityState = 'visible'
  sheet.dispatchEvent(new Event('visibilitychange'))
  expect(heard).toEqual(['woke'])
})

test('a page that goes for good is leaving, one that the browser keeps comes back', () => {
  page.dispatchEvent(transition('pagehide', true))
  page.dispatchEvent(transition('pageshow', true))
  page.dispatchEvent(transition('pagehide', false))
  expect(heard).toEqual(['woke', 'leaving'])
})

test('the first showing of a page is no waking', () => {
  page.dispatchEvent(transition('pageshow', false))
  expect(heard).toEqual([])
})

test('once stopped nothing is heard', () => {
  stop()
  page.dispatchEvent(new Event('online'))
  connection.dispatchEvent(new Event('change'))
  expect(heard).toEqual([])
})
