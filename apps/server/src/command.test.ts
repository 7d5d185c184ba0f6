import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { expect, test } from 'vitest'
import { crowflyCommand, exitCodeOf } from './command.ts'
import { limitNames } from './limit-settings.ts'
import { defaultServerLimits } from './server-limits.ts'
import { type Flags, parseSettings } from './settings.ts'
import { temporaryFolder } from './testing/running.ts'
import { parseTurnSettings, type TurnFlags } from './turn-settings.ts'

const binary = fileURLToPath(new URL('../bin/crowfly.mjs', import.meta.url))

async function typed(...words: string[]) {
  let flags: Flags | undefined
  let output = ''
  let exitCode = 0
  let turnFlags: TurnFlags | undefined
  const command = crowflyCommand('1.2.3', {
    serve: async (given) => {
      flags = given
    },
    turn: async (given) => {
      turnFlags = given
    },
  })
  const write = (text: string): void => {
    output += text
  }
  for (const each of [command, ...command.commands])
    each.configureOutput({ writeOut: write, writeErr: write })
  try {
    await command.parseAsync(['node', 'crowfly', ...words])
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    exitCode = exitCodeOf(error)
  }
  return { flags, turnFlags, output, exitCode }
}

test('plain "serve" has settings that hold', async () => {
  const { flags } = await typed('serve')
  expect(flags && parseSettings(flags).port).toBe(8443)
})

test('flags are handed on, the repeatable ones as lists', async () => {
  const { flags } = await typed(
    ...'serve --port 9000 --host ::1 --host 127.0.0.1 --limit maxRooms=1 --limit maxSessions=2'.split(' '),
    ...'--origin https://a.example --trust-proxy 10.0.0.0/8 --stun-port off --stun-url stun:a.example --turn-url turn:a.example'.split(
      ' ',
    ),
    ...'--cert c --key k --state s --log-level debug'.split(' '),
  )
  expect(flags).toEqual({
    port: '9000',
    host: ['::1', '127.0.0.1'],
    limit: ['maxRooms=1', 'maxSessions=2'],
    origin: ['https://a.example'],
    trustProxy: ['10.0.0.0/8'],
    stunPort: 'off',
    stunUrl: 'stun:a.example',
    turnUrl: ['turn:a.example'],
    cert: 'c',
    key: 'k',
    state: 's',
    logLevel: 'debug',
  })
})

test('"turn" needs users, and the rest has settings that hold', async () => {
  const { turnFlags } = await typed('turn', '--user', 'anna:secret')
  expect(turnFlags && parseTurnSettings(turnFlags)).toMatchObject({
    listen: [
      { host: '0.0.0.0', port: 3478 },
      { host: '::', port: 3478 },
    ],
    users: new Map([['anna', 'secret']]),
    peers: { kind: 'public', allow: [], deny: [], ports: { least: 49_152, most: 65_535 } },
  })
})

test('a relay for load generators on this machine is one line', async () => {
  const { turnFlags } = await typed(
    ...'turn --listen 127.0.0.1:3478 --user u:p --realm test --peers public --allow-peer 127.0.0.0/8'.split(
      ' ',
    ),
  )
  expect(turnFlags && parseTurnSettings(turnFlags)).toEqual({
    listen: [{ host: '127.0.0.1', port: 3478 }],
    tlsListen: [],
    certificate: undefined,
    users: new Map([['u', 'p']]),
    realm: 'test',
    peers: {
      kind: 'public',
      allow: [{ address: Uint8Array.of(127, 0, 0, 0), prefixBits: 8 }],
      deny: [],
      ports: { least: 49_152, most: 65_535 },
      external: [],
    },
    limits: defaultServerLimits,
    relayLimits: {},
    logLevel: 'info',
  })
})

test('flags of "turn" are handed on, the repeatable ones as lists', async () => {
  const { turnFlags } = await typed(
    ...'turn --listen 127.0.0.1:3478 --listen [::1]:3478 --tls-listen [::]:5349 --user u:p --user v:q'.split(
      ' ',
    ),
    ...'--realm test --peers rooms --allow-peer 127.0.0.0/8 --allow-peer ::1 --deny-peer 10.0.0.0/8'.split(
      ' ',
    ),
    ...'--relay-ports 50000-50100 --limit maxAllocations=5 --cert c --key k --log-level debug'.split(' '),
    ...'--user-file f --external-address 203.0.113.5 --external-address 2001:db8::5'.split(' '),
  )
  expect(turnFlags).toEqual({
    listen: ['127.0.0.1:3478', '[::1]:3478'],
    tlsListen: ['[::]:5349'],
    user: ['u:p', 'v:q'],
    realm: 'test',
    peers: 'rooms',
    allowPeer: ['127.0.0.0/8', '::1'],
    denyPeer: ['10.0.0.0/8'],
    relayPorts: '50000-50100',
    limit: ['maxAllocations=5'],
    cert: 'c',
    key: 'k',
    logLevel: 'debug',
    userFile: 'f',
    externalAddress: ['203.0.113.5', '2001:db8::5'],
  })
})

const serveFlags = `--port --host --cert --key --state --origin --trust-proxy --limit --stun-port --stun-url --turn-url --authorize
  --log-level`
const turnFlagNames = `--listen --tls-listen --cert --key --user --user-file --realm --peers --allow-peer --deny-peer
  --relay-ports --external-address --limit --log-level`

test.each([
  ['serve', serveFlags],
  ['turn', turnFlagNames],
])('the help of "%s" explains each flag, and the README has it', async (name, flags) => {
  const { output } = await typed(name, '--help')
  const explained = output.match(/^ {2}(?:-\w, )?--[\w-]+(?= .*\S)/gm)?.map((text) => text.trim())
  const expected = flags.split(/\s+/)
  expect(explained?.toSorted()).toEqual([...expected, '-h, --help'].toSorted())
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  for (const flag of expected) expect(readme).toMatch(new RegExp(`\`${flag}[ \`]`))
})

test('help and version are no failures', async () => {
  expect(await typed('--version')).toMatchObject({ exitCode: 0, output: '1.2.3\n' })
  const help = await typed('--help')
  expect(help.exitCode).toBe(0)
  expect(help.output).toContain('serve')
  const serveHelp = await typed('serve', '--help')
  expect(serveHelp.exitCode).toBe(0)
  for (const name of limitNames('serve')) expect(serveHelp.output).toContain(name)
  const turnHelp = await typed('turn', '--help')
  expect(turnHelp.exitCode).toBe(0)
  for (const name of limitNames('turn')) expect(turnHelp.output).toContain(name)
  expect(turnHelp.output).not.toContain('maxRooms')
})

test.each([
  ['serve --prot 9000', '--prot'],
  ['serve --port', '--port <port>'],
  ['serv', 'serve'],
  ['turn --prot 1', '--prot'],
  ['turn now', 'too many arguments'],
  ['serve now', 'too many arguments'],
])('"%s" is refused with a word about it', async (line, part) => {
  const { output, exitCode, flags, turnFlags } = await typed(...line.split(' '))
  expect(flags).toBeUndefined()
  expect(turnFlags).toBeUndefined()
  expect(exitCode).toBe(2)
  expect(output).toContain(part)
})

test('an old Node is told so in a sentence', async () => {
  const folder = await temporaryFolder()
  const preload = join(folder, 'old.cjs')
  for (const [version, isTooOld] of [
    ['18.20.4', true],
    ['20.18.9', true],
    ['9.11.2', true],
    ['20.19.0', false],
    ['22.0.0', false],
  ] as const) {
    await writeFile(preload, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`)
    const { status, stderr } = spawnSync(process.execPath, ['-r', preload, await unbuilt(folder)], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    if (isTooOld) {
      expect(stderr).toBe(
        `Crowfly needs Node 20.19 or newer; this is ${version}. ` +
          'Install a newer one from https://nodejs.org and run this again.\n',
      )
    } else {
      expect(stderr).not.toContain('Crowfly needs Node')
    }
  }
})

test('a missing build is told in a sentence', async () => {
  const { status, stderr } = spawnSync(process.execPath, [await unbuilt(await temporaryFolder())], {
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Crowfly has not been built.*: run "npm install" and "npm run build"/)
  expect(stderr).not.toContain('    at ')
})

/** The command as it is before a build. */
async function unbuilt(folder: string): Promise<string> {
  const copy = join(folder, 'bin', 'crowfly.mjs')
  await mkdir(join(folder, 'bin'), { recursive: true })
  await copyFile(binary, copy)
  return copy
}
