import { urlHost } from './local-addresses.ts'
import { qrText } from './qr-text.ts'
import type { RunningServer } from './start-server.ts'

const labelWidth = 18

/** What a call through this server that finds no direct path may count on. */
const relayLine = 'calls that find no direct path, each within its room'

const confinedNotice = indent(
  [
    'It listens on this machine only, because of --host: other devices can come through a proxy here at',
    'best, and STUN answers none of them. Without --host it listens on all addresses.',
  ].join('\n'),
)

/** What the greeting depends on besides the server. */
export interface GreetingOptions {
  version: string
  /** Whether it is printed on a terminal: a QR code needs one, as its colours are escape sequences. */
  isTerminal: boolean
}

/** What a start ends by printing: where to open it, what the browser will say, and where STUN is answered. */
export function greeting(server: RunningServer, { version, isTerminal }: GreetingOptions): string {
  const elsewhere = server.originsElsewhere()
  const [first] = elsewhere
  const sections = [
    `Crowfly ${version} is running.`,
    [...row('Open it here', urlsHere(server)), ...row('On other devices', elsewhere)].join('\n'),
  ]
  if (server.isConfinedByHost) sections.push(confinedNotice)
  else if (first === undefined)
    sections.push('  No other device can reach this machine now: it has no network address.')
  if (first !== undefined && isTerminal) sections.push(indent(qrText(first)))
  if (server.isCertificateSelfMade) sections.push(certificateNotice(elsewhere.length > 0))
  sections.push(
    [
      ...row('STUN answers on', stunLines(server)),
      ...row('Relay carries', [relayLine, relayPlace(server)]),
    ].join('\n'),
  )
  if (server.notes.length > 0) sections.push(server.notes.map((note) => `  Note: ${note}`).join('\n'))
  sections.push('  Press Ctrl-C to stop.')
  return `\n${sections.join('\n\n')}\n\n`
}

function urlsHere(server: RunningServer): string[] {
  const loopback = server.addresses().find(({ reach }) => reach === 'loopback')
  if (loopback === undefined) return []
  const isLocalhost = server.addresses().some(({ address }) => address === '127.0.0.1')
  const host = isLocalhost ? 'localhost' : urlHost(loopback.address)
  return [`https://${host}:${server.port}`, `http://${host}:${server.port}`]
}

function certificateNotice(hasElsewhere: boolean): string {
  const lines = [
    'The browser will warn that this connection is not private: the certificate was made by this',
    'server, so no authority vouches for it. Press "Advanced" and then "Proceed" or "Accept the risk"',
    '(Safari: "Show Details", then "visit this website"). A certificate of your own: --cert and --key.',
  ]
  if (hasElsewhere) lines.push('Other devices need https: browsers give the camera to no page without it.')
  return indent(lines.join('\n'))
}

function stunLines(server: RunningServer): string[] {
  const ports = [server.port, ...(server.stunPort === undefined ? [] : [server.stunPort])]
  const lines: string[] = []
  for (const { address } of server.addresses()) {
    const answered = ports.filter((port) => server.stunAddresses().includes(`${urlHost(address)}:${port}`))
    if (answered.length === 1) lines.push(`${address}, port ${answered[0]}`)
    if (answered.length > 1) lines.push(`${address}, ports ${answered.join(' and ')}`)
  }
  return lines.length > 0 ? [...lines, 'by UDP and TCP'] : ['no address yet']
}

function relayPlace({ turnUrls }: RunningServer): string {
  return turnUrls.length > 0 ? `reached at ${turnUrls.join(', ')}` : 'on the same ports'
}

function row(label: string, values: readonly string[]): string[] {
  return values.map((value, index) => `  ${(index === 0 ? label : '').padEnd(labelWidth)}${value}`)
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
