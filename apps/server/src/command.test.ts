import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { expect, test } from 'vitest'
import { crowflyCommand, exitCodeOf } from './command.ts'
import { limitNames } from './limit-settings.ts'
import { type Flags, parseSettings } from './settings.ts'
import { temporaryFolder } from './testing/running.ts'

const binary = fileURLToPath(new URL('../bin/crowfly.mjs', import.meta.url))

async function typed(...words: string[]) {
  let flags: Flags | undefined
  let output = ''
  let exitCode = 0
  const command = crowflyCommand('1.2.3', async (given) => {
    flags = given
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
  return { flags, output, exitCode }
}

test('plain "serve" has settings that hold', async () => {
  const { flags } = await typed('serve')
  expect(flags && parseSettings(flags).port).toBe(8443)
})

test('flags are handed on, the repeatable ones as lists', async () => {
  const { flags } = await typed(
    ...'serve --port 9000 --host ::1 --host 127.0.0.1 --limit maxRooms=1 --limit maxSessions=2'.split(' '),
    ...'--origin https://a.example --trust-proxy 10.0.0.0/8 --stun-port off --stun-url stun:a.example'.split(
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
    cert: 'c',
    key: 'k',
    state: 's',
    logLevel: 'debug',
  })
})

test('help and version are no failures', async () => {
  expect(await typed('--version')).toMatchObject({ exitCode: 0, output: '1.2.3\n' })
  const help = await typed('--help')
  expect(help.exitCode).toBe(0)
  expect(help.output).toContain('serve')
  const serveHelp = await typed('serve', '--help')
  expect(serveHelp.exitCode).toBe(0)
  for (const name of limitNames()) expect(serveHelp.output).toContain(name)
})

test.each([
  ['serve --prot 9000', '--prot'],
  ['serve --port', '--port <port>'],
  ['serv', 'serve'],
  ['serve now', 'too many arguments'],
])('"%s" is refused with a word about it', async (line, part) => {
  const { output, exitCode, flags } = await typed(...line.split(' '))
  expect(flags).toBeUndefined()
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
