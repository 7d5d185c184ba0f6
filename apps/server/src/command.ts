import { Command, type CommanderError } from 'commander'
import { logLevels } from './flag-check.ts'
import { limitNames } from './limit-settings.ts'
import type { Flags } from './settings.ts'
import { defaultStateFolder } from './state-folder.ts'
import type { TurnFlags } from './turn-settings.ts'

const collect = (value: string, previous: string[] = []): string[] => [...previous, value]

/** What the commands are done by: each is called with what was typed, unchecked. */
export interface Commands {
  serve(flags: Flags): Promise<void>
  turn(flags: TurnFlags): Promise<void>
}

/** The command line of `crowfly`. Throws `CommanderError`. */
export function crowflyCommand(version: string, commands: Commands): Command {
  const program = new Command('crowfly')
    .description('Calls from browser to browser, by a server of your own.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('Run "crowfly serve --help" or "crowfly turn --help" for the flags.')
    .exitOverride()
  program
    .command('serve')
    .description('serve the call app, signaling, STUN and the relay on one port')
    .option('--port <port>', 'TCP and UDP port of everything', '8443')
    .option('--host <address>', 'address to listen on; may be repeated (default: all)', collect)
    .option('--cert <file>', 'TLS certificate chain, PEM (default: one is made)')
    .option('--key <file>', 'private key of --cert, PEM')
    .option('--state <folder>', 'where the certificate and keys are kept', defaultStateFolder(process.env))
    .option('--origin <origin>', 'further origin whose pages may connect; may be repeated', collect)
    .option('--trust-proxy <network>', 'proxy whose X-Forwarded-For is believed; may be repeated', collect)
    .option('--limit <name=value>', 'change a limit; may be repeated', collect)
    .option('--stun-port <port|off>', 'further port for STUN and TURN (default: 3478 when it is free)')
    .option('--stun-url <url>', 'STUN URL for clients (default: this server, by the name in the address bar)')
    .option(
      '--turn-url <url>',
      "another URL of this server's relay, for clients to be told; may be repeated",
      collect,
    )
    .option('--authorize <module>', 'JavaScript module that is asked before anybody enters a room')
    .option('--log-level <level>', logLevels.join(', '), 'info')
    .addHelpText('after', `\nLimits:\n${wrap(limitNames('serve'))}`)
    .action((flags: Flags) => commands.serve(flags))
  program
    .command('turn')
    .description('serve STUN and TURN alone, for any WebRTC product')
    .option(
      '--listen <host:port>',
      'UDP and TCP; may be repeated (default: all addresses, port 3478)',
      collect,
    )
    .option('--tls-listen <host:port>', 'TLS alone, with --cert and --key; may be repeated', collect)
    .option('--cert <file>', 'TLS certificate chain, PEM; then --listen takes TLS as well')
    .option('--key <file>', 'private key of --cert, PEM')
    .option('--user <name:password>', 'who may use it; may be repeated', collect)
    .option('--user-file <file>', 'more of them: a line name:password for each')
    .option('--realm <text>', 'realm of the credentials', 'crowfly')
    .option(
      '--peers <public|rooms>',
      'whom its clients reach: public addresses, or only each other',
      'public',
    )
    .option(
      '--allow-peer <network>',
      'addresses to reach although they are special; may be repeated',
      collect,
    )
    .option('--deny-peer <network>', 'addresses not to reach, whatever else holds; may be repeated', collect)
    .option('--relay-ports <least-most>', 'UDP ports that peers see (default: 49152-65535)')
    .option(
      '--external-address <address>',
      "the address that peers see, when this machine's own is behind a one-to-one NAT; may be repeated",
      collect,
    )
    .option('--limit <name=value>', 'change a limit; may be repeated', collect)
    .option('--log-level <level>', logLevels.join(', '), 'info')
    .addHelpText('after', `\nLimits:\n${wrap(limitNames('turn'))}`)
    .action((flags: TurnFlags) => commands.turn(flags))
  return program
}

/** What a command line that commander refused ends with: 0 for help and version, 2 for mistakes. */
export function exitCodeOf(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2
}

function wrap(names: readonly string[]): string {
  const lines: string[] = ['']
  for (const name of names) {
    const last = lines.at(-1) ?? ''
    if (last.length + name.length > 96) lines.push(`  ${name}`)
    else lines[lines.length - 1] = last === '' ? `  ${name}` : `${last}, ${name}`
  }
  return lines.join('\n')
}
