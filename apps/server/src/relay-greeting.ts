import { formatAddress } from '@crowfly/sansio'
import type { RunningRelay } from './start-relay.ts'
import type { TurnSettings } from './turn-settings.ts'

/** What a start of `crowfly turn` ends by printing: where it answers, and whom its clients reach. */
export function relayGreeting(relay: RunningRelay, settings: TurnSettings, version: string): string {
  const transports = relay.isTlsServed ? 'by UDP, TCP and TLS' : 'by UDP and TCP'
  const lines = [
    `Crowfly ${version}: STUN and TURN, ${transports}`,
    '',
    ...relay.udpAddresses().map((address) => `  ${address}`),
    ...relay.tlsAddresses().map((address) => `  ${address}, TLS alone`),
    '',
    ...peersLines(settings).map((line) => `  ${line}`),
    ...relay.notes.map((note) => `  Note: ${note}`),
    '  Press Ctrl-C to stop.',
  ]
  return `\n${lines.join('\n')}\n\n`
}

function peersLines({ peers }: TurnSettings): string[] {
  if (peers.kind === 'rooms')
    return ['Its clients reach each other, and nobody else. It opens no further port.']
  const { allow, deny, external, ports } = peers
  const seen = external.length > 0 ? external.map(formatAddress).join(' and ') : 'this machine'
  const allowed = allow.length > 0 ? `, and ${count(allow.length, 'network')} of --allow-peer` : ''
  const denied = deny.length > 0 ? `, but ${count(deny.length, 'network')} of --deny-peer` : ''
  return [
    `Its clients reach any public address${allowed}${denied}.`,
    `Peers see UDP ports ${ports.least} to ${ports.most} of ${seen}.`,
  ]
}

function count(number: number, noun: string): string {
  return number === 1 ? `the ${noun}` : `the ${number} ${noun}s`
}
