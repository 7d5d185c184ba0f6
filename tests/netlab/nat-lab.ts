import { NetworkNamespace } from '../e2e/harness/network-namespace.ts'

/**
 * What stands between a client and the public segment. `full`: full cone, any outside host reaches a mapped port;
 * `port`: port restricted, only whom the client has written to; `sym`: symmetric, another port for every peer.
 */
export type NatKind = 'full' | 'port' | 'sym'

export type Client = 'a' | 'b'

const publicNetwork = '203.0.113'

/** Of the server, in every lab; clients find it by its name, too. */
export const serverAddress = `${publicNetwork}.10`
export const serverName = 'call.example'

/** One NAT: its lan side is 10.<number>.0.1, its public side 203.0.113.<100 + number>. */
interface Router {
  namespace: NetworkNamespace
  number: number
}

/**
 * Two clients behind two NATs and a public segment, in network namespaces, with a spare network for client a:
 *
 *     a 10.1.0.2 ── 10.1.0.1 NAT 203.0.113.101 ──┐
 *     (10.3.0.2 ─── 10.3.0.1 NAT 203.0.113.103 ──┤ spare)
 *                                                ├── 203.0.113.10 the server
 *     b 10.2.0.2 ── 10.2.0.1 NAT 203.0.113.102 ──┘
 */
export class NatLab {
  /** Where the server runs. */
  readonly open: NetworkNamespace
  readonly serverAddress = serverAddress
  readonly #clients: Record<Client, NetworkNamespace>
  readonly #routers: Record<Client | 'spare', Router>
  readonly #all: NetworkNamespace[] = []

  constructor(natOfA: NatKind, natOfB: NatKind) {
    this.open = this.#make('open')
    this.open.ip('link', 'add', 'br0', 'type', 'bridge')
    this.open.ip('link', 'set', 'br0', 'up')
    for (const host of [1, 10]) this.open.ip('addr', 'add', `${publicNetwork}.${host}/24`, 'dev', 'br0')
    this.#clients = { a: this.#make('a'), b: this.#make('b') }
    for (const client of Object.values(this.#clients)) client.nameHost(serverName, serverAddress)
    this.#routers = {
      a: this.#addRouter('nat-a', 1, natOfA),
      b: this.#addRouter('nat-b', 2, natOfB),
      spare: this.#addRouter('nat-spare', 3, natOfA),
    }
    for (const client of ['a', 'b'] as const) this.#plug(client, this.#routers[client])
  }

  /** The namespace of a client's host, for the browser to run in. */
  client(client: Client): string {
    return this.#clients[client].name
  }

  /** Runs a program on a client's host, to its end. Returns what it printed. */
  run(client: Client, program: string, ...args: string[]): string {
    return this.#clients[client].run(program, ...args)
  }

  /** Moves client a to its spare network: the old interface goes away, another one with another address comes. */
  roam(): void {
    this.#clients.a.ip('link', 'del', 'eth1')
    this.#plug('a', this.#routers.spare)
  }

  /** Forbids a client to reach the outside by anything but TCP, or but one port, of TCP alone or of UDP too. */
  fence(client: Client, allowed: 'tcp' | { tcpPort: number } | { port: number }): void {
    const only = (protocols: string, port: number): string[] => [
      `meta l4proto { ${protocols} } th dport ${port} accept`,
      `meta l4proto { ${protocols} } th sport ${port} accept`,
      'drop',
    ]
    const rules =
      allowed === 'tcp'
        ? ['meta l4proto udp drop']
        : 'port' in allowed
          ? only('tcp, udp', allowed.port)
          : only('tcp', allowed.tcpPort)
    this.#routers[client].namespace.feed(
      `table ip fence {
  chain through { type filter hook forward priority -10;
    ${rules.join('\n    ')}
  }
}`,
      'nft',
      '-f',
      '-',
    )
  }

  /** Ends what runs in the lab and takes it down. */
  down(): void {
    for (const namespace of this.#all.splice(0).reverse()) namespace.remove()
  }

  #make(purpose: string): NetworkNamespace {
    const namespace = new NetworkNamespace(purpose)
    this.#all.push(namespace)
    return namespace
  }

  #addRouter(purpose: string, number: number, kind: NatKind): Router {
    const namespace = this.#make(purpose)
    const port = `wan${number}`
    this.open.ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'wan', 'netns', namespace.name)
    this.open.ip('link', 'set', port, 'master', 'br0', 'up')
    namespace.ip('addr', 'add', `${publicNetwork}.${100 + number}/24`, 'dev', 'wan')
    namespace.ip('link', 'set', 'wan', 'up')
    namespace.ip('route', 'add', 'default', 'via', `${publicNetwork}.1`)
    namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    namespace.feed(ruleset(kind, `10.${number}.0.2`), 'nft', '-f', '-')
    return { namespace, number }
  }

  #plug(client: Client, { namespace, number }: Router): void {
    const host = this.#clients[client]
    const device = `eth${number}`
    namespace.ip('link', 'add', 'lan', 'type', 'veth', 'peer', 'name', device, 'netns', host.name)
    namespace.ip('addr', 'add', `10.${number}.0.1/24`, 'dev', 'lan')
    namespace.ip('link', 'set', 'lan', 'up')
    host.ip('addr', 'add', `10.${number}.0.2/24`, 'dev', device)
    host.ip('link', 'set', device, 'up')
    host.ip('route', 'add', 'default', 'via', `10.${number}.0.1`)
  }
}

/** nftables' rules of a NAT with one client behind it. */
function ruleset(kind: NatKind, client: string): string {
  const mapping = kind === 'sym' ? 'masquerade fully-random' : 'masquerade'
  const inbound = kind === 'full' ? `iifname wan ip protocol udp dnat to ${client}` : ''
  return `table ip lab {
  chain outbound { type nat hook postrouting priority 100; oifname wan ip saddr 10.0.0.0/8 ${mapping}; }
  chain inbound { type nat hook prerouting priority -100; ${inbound}
  }
  chain through { type filter hook forward priority 0;
    iifname wan ct status dnat accept
    iifname wan ct state new drop
  }
  # An early packet from outside must not become a flow of the router's own: it would take the port of the hole that
  # is being punched.
  chain own { type filter hook input priority 0; iifname wan ip protocol udp drop; }
}`
}
