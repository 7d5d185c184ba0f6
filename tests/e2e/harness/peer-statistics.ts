/** What one RTCPeerConnection of a page has received, over all its tracks of a kind. */
export interface ReceivedStatistics {
  connectionState: string
  iceConnectionState: string
  framesDecoded: number
  audioPackets: number
  audioEnergy: number
  /** By the selected pair; empty before there is one. */
  localCandidateType: string
  remoteCandidateType: string
  /** How this end's relay is reached; empty when the selected pair's local end is not relayed. */
  relayProtocol: string
  /** Of this end of the selected pair: from the start or the restart of ICE that it was gathered by. */
  usernameFragment: string
}

declare global {
  interface Window {
    /** Every connection that the page has made, put there by `keepPeerConnections`. */
    madePeerConnections?: RTCPeerConnection[]
  }
}

/** Runs in a page before its own scripts: keeps its peer connections where a test can ask them. */
export function keepPeerConnections(): void {
  const Original = window.RTCPeerConnection
  if (Original === undefined) return
  const made: RTCPeerConnection[] = []
  window.madePeerConnections = made
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      made.push(this)
    }
  }
}

/** Runs in a page: what its living peer connections have received so far. */
export async function readReceived(): Promise<ReceivedStatistics[]> {
  const isLiving = ({ connectionState }: { connectionState: string }): boolean => connectionState !== 'closed'
  const ask = async (connection: RTCPeerConnection) => {
    const asked = connection.getStats()
    // Firefox never answers for a connection that is closed meanwhile.
    for (;;) {
      const answer = await Promise.race([
        asked,
        new Promise<null>((resolve) => setTimeout(resolve, 200, null)),
      ])
      if (answer !== null) return [...answer.values()]
      if (!isLiving(connection)) return []
    }
  }
  const received = await Promise.all(
    (window.madePeerConnections ?? []).filter(isLiving).map(async (connection) => {
      const reports = await ask(connection)
      const sum = (kind: string, field: string): number =>
        reports
          .filter((report) => report.type === 'inbound-rtp' && report.kind === kind)
          .reduce((total, report) => total + (report[field] ?? 0), 0)
      const transport = reports.find(
        (report) => report.type === 'transport' && report.selectedCandidatePairId,
      )
      const pair = reports.find((report) =>
        transport
          ? report.id === transport.selectedCandidatePairId
          : report.type === 'candidate-pair' && report.selected,
      )
      const local = pair && reports.find((report) => report.id === pair.localCandidateId)
      const remote = pair && reports.find((report) => report.id === pair.remoteCandidateId)
      return {
        connectionState: connection.connectionState,
        iceConnectionState: connection.iceConnectionState,
        framesDecoded: sum('video', 'framesDecoded'),
        audioPackets: sum('audio', 'packetsReceived'),
        audioEnergy: sum('audio', 'totalAudioEnergy'),
        localCandidateType: local?.candidateType ?? '',
        remoteCandidateType: remote?.candidateType ?? '',
        relayProtocol: local?.relayProtocol ?? '',
        usernameFragment: local?.usernameFragment ?? '',
      }
    }),
  )
  return received.filter(isLiving)
}

/** Runs in a page: how many frames of the video with this accessible name have been decoded; null without one. */
export async function readFramesOf(label: string): Promise<number | null> {
  const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`)
  const stream = video?.srcObject
  const track = stream instanceof MediaStream ? stream.getVideoTracks()[0] : undefined
  if (track === undefined) return null
  for (const connection of window.madePeerConnections ?? []) {
    const receiver = connection.getReceivers().find((one) => one.track === track)
    if (receiver === undefined) continue
    const reports = [...(await receiver.getStats()).values()]
    return reports.find((report) => report.type === 'inbound-rtp')?.framesDecoded ?? 0
  }
  return null
}
