import { addressesOf } from './listening-addresses.ts'
import { urlHost } from './local-addresses.ts'
import { OperatorError, reasonOf, systemCode } from './operator-error.ts'
import type { StunPort } from './settings.ts'
import type { TcpPort } from './tcp-port.ts'
import type { UdpPorts } from './udp-ports.ts'

/** What a port is opened with: TCP and UDP, on `hosts`, or on all addresses when there are none. */
export interface PortParts {
  tcp: TcpPort
  udp: UdpPorts
  hosts: readonly string[]
}

/** Port 0 asks for one that is free for TCP, and may be taken for UDP. */
const freePortTries = 10

/** What a port was asked for by. */
export type PortFlag = '--port' | '--stun-port' | '--listen' | '--tls-listen'

/** Opens a port for TCP and UDP, and returns it; 0 finds one that is free for both. Throws `OperatorError`. */
export async function openPort(parts: PortParts, asked: number, flag: PortFlag): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await openOnce(parts, asked, flag)
    } catch (error) {
      const isTaken = error instanceof OperatorError && error.code === 'PORT_TAKEN'
      if (asked !== 0 || !isTaken || tries === freePortTries) throw error
    }
  }
}

/** Opens a port for TCP alone, and returns it; 0 takes any free one. Throws `OperatorError`. */
export async function openTcpPort(
  { tcp, hosts }: Omit<PortParts, 'udp'>,
  asked: number,
  flag: PortFlag,
): Promise<number> {
  let port = asked
  for (const host of tcpHosts(hosts)) {
    port = await tcp.listen(host, port).catch((error: unknown) => {
      tcp.stopListening(port)
      throw portError(systemCode(error), { protocol: 'TCP', port, host, flag }, error)
    })
  }
  return port
}

/** All of it, or nothing. */
async function openOnce({ tcp, udp, hosts }: PortParts, asked: number, flag: PortFlag): Promise<number> {
  const port = await openTcpPort({ tcp, hosts }, asked, flag)
  const wanted = { port, addresses: () => udpAddresses(hosts) }
  const [failure] = await udp.open(wanted)
  if (failure === undefined) return port
  tcp.stopListening(port)
  udp.closePort(wanted)
  throw portError(failure.code, { protocol: 'UDP', port, host: failure.address, flag })
}

/**
 * Opens the further port for STUN and TURN; undefined when it is off, or not free anywhere. What is not free is told by
 * `notes`, unless the port was asked for: then it throws `OperatorError`.
 */
export async function openStunPort(
  { tcp, udp, hosts }: PortParts,
  wanted: StunPort,
  mainPort: number,
): Promise<{ port: number | undefined; notes: string[] }> {
  if (wanted.kind === 'off' || wanted.port === mainPort) return { port: undefined, notes: [] }
  const { port, isRequired } = wanted
  const flag = '--stun-port'
  const failed: { attempt: Attempt; error: OperatorError }[] = []
  const fail = (code: string, attempt: Attempt, error?: unknown): void => {
    failed.push({ attempt, error: portError(code, attempt, error) })
  }
  for (const host of tcpHosts(hosts)) {
    await tcp.listen(host, port).catch((error: unknown) => {
      fail(systemCode(error), { protocol: 'TCP', port, host, flag }, error)
    })
  }
  for (const { code, address } of await udp.open({ port, addresses: () => udpAddresses(hosts) })) {
    fail(code, { protocol: 'UDP', port, host: address, flag })
  }
  const [first] = failed
  if (first === undefined) return { port, notes: [] }
  if (isRequired) throw first.error
  const isSomewhere = udp.sockets.some((socket) => socket.port === port)
  const places = failed.map(({ attempt }) => attempt.protocol + (attempt.host ? ` at ${attempt.host}` : ''))
  const note = `Port ${port} is not free (${places.join(', ')}): STUN answers there on port ${mainPort} only, which is enough.`
  return { port: isSomewhere ? port : undefined, notes: [note] }
}

function tcpHosts(hosts: readonly string[]): readonly (string | undefined)[] {
  // All addresses, also where there are none of IPv6.
  return hosts.length > 0 ? hosts.map((host) => (host === '::' ? undefined : host)) : [undefined]
}

function udpAddresses(hosts: readonly string[]): string[] {
  return addressesOf(hosts).map(({ address }) => address)
}

interface Attempt {
  protocol: 'TCP' | 'UDP'
  port: number
  host: string | undefined
  flag: PortFlag
}

/** How Linux lets a program open low ports that is not the administrator's. */
const capability =
  process.platform === 'linux'
    ? ` (Or allow it once: sudo setcap cap_net_bind_service=+ep ${process.execPath})`
    : ''

function portError(code: string, { protocol, port, host, flag }: Attempt, error?: unknown): OperatorError {
  const where = `${protocol} port ${port}${host === undefined ? '' : ` of ${host}`}`
  switch (code) {
    case 'EADDRINUSE': {
      const other = suggestion(flag, host, port > 65_000 ? port - 1000 : port + 1000)
      return new OperatorError(
        'PORT_TAKEN',
        `${where} is taken by another program, perhaps another Crowfly. ` +
          `Stop that one, or choose another port: ${flag} ${other}`,
      )
    }
    case 'EACCES':
      return new OperatorError(
        'PORT_NOT_PERMITTED',
        `You have no permission to open ${where}: the ports below 1024 belong to the administrator. ` +
          `Choose a higher one: ${flag} ${suggestion(flag, host, flag === '--port' ? 8443 : 3478)}${capability}`,
      )
    case 'EADDRNOTAVAIL': {
      const own = udpAddresses([]).join(', ')
      const hostFlag = flag === '--port' || flag === '--stun-port' ? '--host' : flag
      return new OperatorError(
        'ADDRESS_NOT_AVAILABLE',
        `${host ?? 'The address'} is no address of this machine. Give ${hostFlag} one that is, or leave it out: ${own}`,
      )
    }
    default:
      return new OperatorError(
        'ADDRESS_NOT_AVAILABLE',
        `${where} cannot be opened: ${error === undefined ? code : reasonOf(error)}.`,
      )
  }
}

/** What to type behind `flag` for another port. */
function suggestion(flag: PortFlag, host: string | undefined, port: number): string {
  const takesHost = flag === '--listen' || flag === '--tls-listen'
  return takesHost ? `${urlHost(host ?? '0.0.0.0')}:${port}` : String(port)
}
