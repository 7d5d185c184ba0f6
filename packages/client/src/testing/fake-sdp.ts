/** What the descriptions of `FakeConnection` say; the text has the lines that the client reads of a real one. */
export interface FakeDescription {
  readonly type: 'offer' | 'answer'
  readonly isFirefox: boolean
  readonly fragment: string
  /** `sha-256 AB:CD:…` */
  readonly fingerprint: string
  readonly sections: readonly FakeSection[]
}

export interface FakeSection {
  readonly kind: 'audio' | 'video' | 'application'
  readonly mid: string
  readonly direction: RTCRtpTransceiverDirection
}

export function formatSdp(description: FakeDescription): string {
  const user = description.isFirefox ? 'mozilla...THIS_IS_SDPARTA-99.0' : '-'
  const lines = ['v=0', `o=${user} 1 1 IN IP4 0.0.0.0`, 's=-']
  lines.push(`a=fingerprint:${description.fingerprint}`, `a=ice-ufrag:${description.fragment}`)
  for (const { kind, mid, direction } of description.sections) {
    lines.push(`m=${kind} 9 X 0`, `a=mid:${mid}`, `a=${direction}`)
  }
  return `${lines.join('\r\n')}\r\n`
}

/** Throws on a text that is no description, as a connection does. */
export function parseSdp(type: 'offer' | 'answer', sdp: string): FakeDescription {
  const fragment = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1]
  const fingerprint = /^a=fingerprint:(.+)\r$/m.exec(sdp)?.[1]
  if (fragment === undefined || fingerprint === undefined) {
    throw new DOMException('no ice-ufrag or fingerprint', 'OperationError')
  }
  const sections = Array.from(
    sdp.matchAll(/^m=(audio|video|application) .*\r\na=mid:(\S+)\r\na=(\S+)/gm),
    ([, kind = '', mid = '', direction = '']) => ({
      kind: kindOf(kind),
      mid,
      direction: directionOf(direction),
    }),
  )
  return { type, isFirefox: /^o=mozilla/m.test(sdp), fragment, fingerprint, sections }
}

function kindOf(text: string): FakeSection['kind'] {
  return text === 'audio' || text === 'video' ? text : 'application'
}

function directionOf(text: string): RTCRtpTransceiverDirection {
  return text === 'sendrecv' || text === 'sendonly' || text === 'recvonly' ? text : 'inactive'
}

/** The direction as the other side sees it. */
export function reverse(direction: RTCRtpTransceiverDirection): RTCRtpTransceiverDirection {
  if (direction === 'sendonly') return 'recvonly'
  return direction === 'recvonly' ? 'sendonly' : direction
}

/** What is left of two wishes: each side sends only where the other receives. */
export function intersect(
  own: RTCRtpTransceiverDirection,
  offered: RTCRtpTransceiverDirection,
): RTCRtpTransceiverDirection {
  const sends = /send/.test(own) && /send/.test(offered)
  const receives = /recv/.test(own) && /recv/.test(offered)
  if (sends && receives) return 'sendrecv'
  if (sends) return 'sendonly'
  return receives ? 'recvonly' : 'inactive'
}
