/** How a browser reaches the relay. */
export type RelayWay = 'udp' | 'tcp' | 'tls'

/** A script for a page, to run before its own: its connections use the relay by this way, or nothing. */
export function relayBy(way: RelayWay): string {
  return `(${narrow.toString()})(${JSON.stringify(way)})`
}

function narrow(way: RelayWay): void {
  const isWay = (url: string): boolean =>
    way === 'tls' ? url.startsWith('turns:') : url.startsWith('turn:') && url.endsWith(`transport=${way}`)
  const narrowed = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
    ...configuration,
    iceTransportPolicy: 'relay',
    iceServers: (configuration.iceServers ?? [])
      .map((server) => ({ ...server, urls: [server.urls].flat().filter(isWay) }))
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
