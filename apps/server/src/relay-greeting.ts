import type { RunningRelay } from './start-relay.ts'
import type { TurnSettings } from './turn-settings.ts'

/** What a start of `crowfly turn` ends by printing: where it answers, and whom its clients reach. */
export function relayGreeting(relay: RunningRelay, settings: TurnSettings, version: string): string {
  const transports = relay.isTlsServed ? 'by UDP, TCP and TLS' : 'by UDP and TCP'
  const lines = [
    `Crowfly ${version}: STUN and TURN, ${transports}`,
    '',
    ...relay.udpAddresses().map((address) => `  ${address}`),
    ...relay.tlsPorts.map((port) => `  TLS alone on port ${port}`),
    '',
    `  ${peersLine(settings)}`,
    ...relay.notes.map((note) => `  Note: ${note}`),
    '  Press Ctrl-C to stop.',
  ]
  return `\n${lines.join('\n')}\n\n`
}

function peersLine({ peers }: TurnSettings): string {
  if (peers.kind === 'rooms')
    return 'Its clients reach each other, and nobody else. It opens no further port.'
  const { least, most } = peers.ports
  return `Its clients reach any public address, from UDP ports ${least} to ${most} of this machine.`
}
