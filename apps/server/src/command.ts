import { Command, type CommanderError } from 'commander'
import { limitNames } from './limit-settings.ts'
import { type Flags, logLevels } from './settings.ts'
import { defaultStateFolder } from './state-folder.ts'

const collect = (value: string, previous: string[] = []): string[] => [...previous, value]

/** The command line of `crowfly`; `serve` is called with what was typed, unchecked. Throws `CommanderError`. */
export function crowflyCommand(version: string, serve: (flags: Flags) => Promise<void>): Command {
  const program = new Command('crowfly')
    .description('Calls from browser to browser, by a server of your own.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('Run "crowfly serve --help" for the flags.')
    .exitOverride()
  program
    .command('serve')
    .description('serve the call app, signaling and STUN on one port')
    .option('--port <port>', 'TCP and UDP port of everything', '8443')
    .option('--host <address>', 'address to listen on; may be repeated (default: all)', collect)
    .option('--cert <file>', 'TLS certificate chain, PEM (default: one is made)')
    .option('--key <file>', 'private key of --cert, PEM')
    .option('--state <folder>', 'where the certificate and keys are kept', defaultStateFolder(process.env))
    .option('--origin <origin>', 'further origin whose pages may connect; may be repeated', collect)
    .option('--trust-proxy <network>', 'proxy whose X-Forwarded-For is believed; may be repeated', collect)
    .option('--limit <name=value>', 'change a limit; may be repeated', collect)
    .option('--stun-port <port|off>', 'further port for STUN (default: 3478 when it is free)')
    .option('--stun-url <url>', 'STUN URL for clients (default: this server, by the name in the address bar)')
    .option('--log-level <level>', logLevels.join(', '), 'info')
    .addHelpText('after', `\nLimits:\n${wrap(limitNames())}`)
    .action((flags: Flags) => serve(flags))
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
