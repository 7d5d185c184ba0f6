/** Runs in a page before its own scripts: its connections use a relay or nothing. */
export function onlyRelay(): void {
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' })
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration({ ...configuration, iceTransportPolicy: 'relay' })
    }
  }
}

/** Runs in a page before its own scripts: its connections know no relay. What connects all the same needs none. */
export function withoutRelay(): void {
  const isRelay = ({ urls }: RTCIceServer): boolean => [urls].flat().some((url) => url.startsWith('turn'))
  const without = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
    ...configuration,
    iceServers: (configuration.iceServers ?? []).filter((server) => !isRelay(server)),
  })
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(without(configuration))
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration(without(configuration))
    }
  }
}
