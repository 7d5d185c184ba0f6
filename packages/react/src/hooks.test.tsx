// @vitest-environment happy-dom
import type { CallSnapshot, LocalMediaSnapshot, Observable } from '@crowfly/client'
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest'
import { useCall, useLocalMedia, useMediaElement, useSnapshot } from './index.ts'

/** Counts up, and knows how many listen. */
class Counter implements Observable<{ readonly count: number }> {
  readonly listeners = new Set<() => void>()
  #snapshot = { count: 0 }

  getSnapshot() {
    return this.#snapshot
  }

  subscribe(listener: () => void) {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  increase() {
    this.#snapshot = { count: this.#snapshot.count + 1 }
    for (const listener of this.listeners) listener()
  }
}

let place: HTMLElement
let root: Root

beforeEach(() => {
  // React asks for this before it lets `act` flush its work.
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true)
  place = document.createElement('div')
  root = createRoot(place)
})

afterEach(() => {
  act(() => root.unmount())
})

function Shown({ counter }: { counter: Counter }) {
  return <output>{useSnapshot(counter).count}</output>
}

test('a component shows the snapshot, and renders again after a change', () => {
  const counter = new Counter()
  act(() => root.render(<Shown counter={counter} />))
  expect(place.textContent).toBe('0')
  act(() => counter.increase())
  expect(place.textContent).toBe('1')
})

test('rendering again neither subscribes twice nor loses the subscription', () => {
  const counter = new Counter()
  for (let times = 0; times < 3; times++) act(() => root.render(<Shown counter={counter} />))
  expect(counter.listeners.size).toBe(1)
})

test('another observable is followed instead of the first, and none after unmounting', () => {
  const [first, second] = [new Counter(), new Counter()]
  act(() => root.render(<Shown counter={first} />))
  act(() => root.render(<Shown counter={second} />))
  expect([first.listeners.size, second.listeners.size]).toEqual([0, 1])
  act(() => second.increase())
  expect(place.textContent).toBe('1')
  act(() => root.render(null))
  expect(second.listeners.size).toBe(0)
})

test('on a server the snapshot of that moment is rendered', () => {
  const counter = new Counter()
  counter.increase()
  expect(renderToString(<Shown counter={counter} />)).toBe('<output>1</output>')
})

function Player({ stream }: { stream: MediaStream | null }) {
  return <video muted ref={useMediaElement(stream)} />
}

test('a media element plays the stream that it is given, and nothing when there is none', () => {
  const [first, second] = [new MediaStream(), new MediaStream()]
  const element = () => place.querySelector('video')
  act(() => root.render(<Player stream={first} />))
  const video = element()
  expect(video?.srcObject).toBe(first)
  act(() => root.render(<Player stream={second} />))
  expect(video?.srcObject).toBe(second)
  act(() => root.render(<Player stream={null} />))
  expect(video?.srcObject).toBe(null)
  // The element itself stays: a new one would flicker.
  expect(element()).toBe(video)
})

test('the call and the media have their own snapshots', () => {
  expectTypeOf(useCall).returns.toEqualTypeOf<CallSnapshot>()
  expectTypeOf(useLocalMedia).returns.toEqualTypeOf<LocalMediaSnapshot>()
})
