/** A STUN or TURN server as `RTCPeerConnection` takes it (W3C `RTCIceServer`). */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}
