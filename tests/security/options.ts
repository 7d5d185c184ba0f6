import { parseArgs } from 'node:util'
import type { Credentials } from './client/turn-client.ts'
import { parseHostPort } from './host-port.ts'
import type { Target } from './target.ts'

export const usage = `Attacks a TURN server and says what holds.

  npm run test:security                            our own servers, which it starts
  npm run test:security -- --targets coturn,turn   those named: turn, serve, short-nonces, coturn, …
  npm run test:security -- --server 192.0.2.1:3478 --user name:password --realm example.org

  --kind public|rooms      what relayed addresses are: sockets (default), or names as in our rooms mode
  --other name:password    a second user, in rooms mode of another room
  --flooder name:password  a third one, for floods (default: the second)
  --nonce-seconds N        how long its nonces are good: one is let age, if they are for less than two minutes
  --pid N                  the server's process here, to watch its memory
  --short                  the form that takes under a minute
  --only words             only attacks whose names match
  --report-only            exit with 0 whatever was found
  --json file              the results once more, for programs

Attack servers of your own, or with their owner's word.`

/** What the command line asks for. */
export interface Options {
  readonly server: Target | undefined
  readonly targets: readonly string[]
  readonly isShort: boolean
  readonly isReportOnly: boolean
  readonly only: RegExp | undefined
  readonly json: string | undefined
}

/** Reads the arguments; throws a sentence for people. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      targets: { type: 'string', default: 'turn,serve,short-nonces' },
      server: { type: 'string' },
      user: { type: 'string' },
      realm: { type: 'string', default: '' },
      kind: { type: 'string', default: 'public' },
      other: { type: 'string' },
      flooder: { type: 'string' },
      'nonce-seconds': { type: 'string' },
      pid: { type: 'string' },
      short: { type: 'boolean', default: false },
      only: { type: 'string' },
      'report-only': { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  if (values.help) return 'help'
  const { kind } = values
  if (kind !== 'public' && kind !== 'rooms') throw new Error(`--kind is public or rooms, not ${kind}`)
  return {
    server: values.server === undefined ? undefined : readServer(values.server, { ...values, kind }),
    targets: values.targets.split(','),
    isShort: values.short,
    isReportOnly: values['report-only'],
    only: values.only === undefined ? undefined : new RegExp(values.only),
    json: values.json,
  }
}

interface ServerFlags {
  user?: string | undefined
  other?: string | undefined
  flooder?: string | undefined
  'nonce-seconds'?: string | undefined
  pid?: string | undefined
  realm: string
  kind: Target['kind']
}

/** Nobody waits for longer. */
const MOST_NONCE_SECONDS = 120

function readServer(server: string, flags: ServerFlags): Target {
  const nonceSeconds = Number(flags['nonce-seconds'] ?? Number.POSITIVE_INFINITY)
  if (flags.user === undefined) throw new Error('--server needs --user name:password')
  return {
    name: server,
    kind: flags.kind,
    ...parseHostPort(server),
    realm: flags.realm,
    user: readUser(flags.user),
    other: flags.other === undefined ? undefined : readUser(flags.other),
    flooder: flags.flooder === undefined ? undefined : readUser(flags.flooder),
    nonceSeconds: nonceSeconds < MOST_NONCE_SECONDS ? nonceSeconds : undefined,
    pid: flags.pid === undefined ? undefined : Number(flags.pid),
    isJudged: true,
    stop: async () => {},
  }
}

// The password is behind the last colon: usernames of the TURN REST form have colons in them.
function readUser(text: string): Credentials {
  const at = text.lastIndexOf(':')
  if (at < 1) throw new Error(`a user is given as name:password, not ${text}`)
  return { username: text.slice(0, at), password: text.slice(at + 1) }
}
