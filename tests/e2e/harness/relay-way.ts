import { expect } from 'vitest'
import type { Person } from './person.ts'
import type { PuppeteerPerson } from './puppeteer-person.ts'
import type { Arrival, Stage } from './stage.ts'

/** How a browser reaches the relay. */
export type RelayWay = 'udp' | 'tcp' | 'tls'

/**
 * A script for a page, to run before its own: its connections use the relay by this way or nothing. By `any` they have
 * all of the ways, and by `none` they know no relay: what connects all the same needs none.
 */
export function relayBy(way: RelayWay | 'any' | 'none'): string {
  return `(${narrow.toString()})(${JSON.stringify(way)})`
}

function narrow(way: RelayWay | 'any' | 'none'): void {
  const wanted = {
    udp: /^turn:.*transport=udp$/,
    tcp: /^turn:.*transport=tcp$/,
    tls: /^turns:/,
    any: /^turns?:/,
    none: /^(?!turns?:)/,
  }[way]
  const narrowed = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
    ...configuration,
    ...(way === 'none' ? {} : { iceTransportPolicy: 'relay' }),
    iceServers: (configuration.iceServers ?? [])
      .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => wanted.test(url)) }))
      .filter(({ urls }) => urls.length > 0),
  })
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(narrowed(configuration))
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration(narrowed(configuration))
    }
  }
}

/** A person whose connections use the relay by this way, or nothing. */
export async function arriveByRelay(
  stage: Stage,
  way: RelayWay | 'any',
  name: string,
  arrival: Arrival = {},
): Promise<Person> {
  const person = await stage.seat(name, arrival)
  await person.page.addInitScript(relayBy(way))
  await person.visit()
  return person
}

/** The same at a Firefox, under the name Fox. */
export function foxArrivesByRelay(
  stage: Stage,
  way: RelayWay | 'any',
  origin?: string,
): Promise<PuppeteerPerson> {
  // It sends nothing to a relay on loopback by UDP otherwise.
  const preferences = { 'media.peerconnection.ice.loopback': true }
  return stage.arriveBy({ browser: 'firefox', beforePage: relayBy(way), preferences }, 'Fox', origin)
}

/**
 * Fails unless this end of the pair in use is relayed, by the way that was asked for. The other is or, before it has told
 * its candidate, seems to be of its own peer's making.
 */
export async function goesThroughTheRelay(person: Person | PuppeteerPerson, way: RelayWay): Promise<void> {
  const received = await person.received()
  expect(received).not.toEqual([])
  for (const { localCandidateType, remoteCandidateType, relayProtocol } of received) {
    expect([localCandidateType, relayProtocol]).toEqual(['relay', way])
    expect(remoteCandidateType).toMatch(/^(relay|prflx)$/)
  }
}
