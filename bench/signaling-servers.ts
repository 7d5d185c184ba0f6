import { join } from 'node:path'
import { crowflyProtocol } from './clients/crowfly-client.ts'
import { peerjsOwnIdProtocol, peerjsProtocol } from './clients/peerjs-client.ts'
import { relayProtocol } from './clients/relay-client.ts'
import type { SignalingProtocol } from './clients/signaling-client.ts'
import { crowflyCommand, isListening } from './crowfly-command.ts'
import type { ServerCommand } from './server-process.ts'

/** A server to compare, and how to speak with it. */
export interface SignalingServerKind {
  command: ServerCommand
  protocol: SignalingProtocol
}

/** All load comes from one address: what protects a server from such is raised, and nothing else is changed. */
const RAISED_LIMITS = [
  'maxTcpConnections=50000',
  'maxTcpConnectionsPerAddress=50000',
  'maxConnections=50000',
  'maxConnectionsPerAddress=50000',
  'connectionsPerMinute=100000000',
  'maxSessions=100000',
  'maxRooms=100000',
  'roomsPerHour=100000000',
  'joinsPerMinute=100000000',
].flatMap((limit) => ['--limit', limit])

function nodeServer(name: string, file: string): ServerCommand {
  const script = join(import.meta.dirname, 'servers', file)
  return { name, command: process.execPath, args: (port) => [script, String(port)], isReady: isListening }
}

export const BARE_RELAY = 'bare ws relay'
/** As most pages use it: the id comes from the server, as Crowfly's code does. */
export const PEERJS = 'PeerJS, new Peer()'
/** One HTTP request less for each client. */
export const PEERJS_OWN_ID = 'PeerJS, new Peer(id)'

export const signalingServers: readonly SignalingServerKind[] = [
  { command: crowflyCommand(RAISED_LIMITS), protocol: crowflyProtocol },
  { command: nodeServer(PEERJS, 'peer-server.js'), protocol: peerjsProtocol },
  { command: nodeServer(PEERJS_OWN_ID, 'peer-server.js'), protocol: peerjsOwnIdProtocol },
  { command: nodeServer(BARE_RELAY, 'bare-relay.js'), protocol: relayProtocol },
]
