import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CrowflyServer, crowflyBin, root } from './harness/crowfly-server.ts'
import { freePort, isFree } from './harness/free-port.ts'
import { until } from './harness/until.ts'

const scratch = mkdtempSync(join(tmpdir(), 'crowfly-command-'))

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  output: string
}

interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Called with what tells the output so far, and the id of the process group. */
  during?: (output: () => string, group: number) => Promise<void>
}

/** Runs a command to its end. */
async function runCommand(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { cwd = root, env = process.env, during } = options
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const closed = once(child, 'close')
  try {
    const printed = (): string => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`)
      return output
    }
    await Promise.race([closed, during?.(printed, child.pid ?? 0)])
    await closed
    return { code: child.exitCode, signal: child.signalCode, output }
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL')
  }
}

const crowfly = (...args: string[]): Promise<Outcome> => runCommand(process.execPath, [crowflyBin, ...args])

/** One or a few sentences for a person: no stack, no object dump. */
const plain = /^(--\w+|[A-Z])(?:(?!\n\s+at )[^{}]){20,700}\n$/

describe('the crowfly command', () => {
  it('explains itself through npx from the root of the repository', async () => {
    const { code, output } = await runCommand('npx', ['crowfly', '--help'])
    expect(code).toBe(0)
    expect(output).toMatch(/Usage: crowfly/)
    expect(output).toMatch(/serve/)
  })

  it('explains each flag of serve', async () => {
    const { code, output } = await crowfly('serve', '--help')
    expect(code).toBe(0)
    for (const flag of ['--port', '--cert', '--key', '--state', '--host', '--limit'])
      expect(output).toContain(flag)
  })

  it('explains each flag of turn', async () => {
    const { code, output } = await crowfly('turn', '--help')
    expect(code).toBe(0)
    for (const flag of [
      '--listen',
      '--tls-listen',
      '--user',
      '--realm',
      '--peers',
      '--allow-peer',
      '--limit',
    ])
      expect(output).toContain(flag)
  })

  it('names the port that is taken and what to do', async () => {
    const holder = createServer()
    const port = await freePort()
    holder.listen(port)
    await once(holder, 'listening')
    const { code, output } = await crowfly('serve', '--port', String(port), '--state', join(scratch, 'taken'))
    holder.close()
    expect(code).not.toBe(0)
    expect(output).toMatch(plain)
    expect(output).toContain(String(port))
    expect(output).toContain('--port')
  })

  it('names the state folder that cannot be written and what to do', async () => {
    const file = join(scratch, 'a-file')
    writeFileSync(file, '')
    const { code, output } = await crowfly('serve', '--port', '0', '--state', join(file, 'state'))
    expect(code).not.toBe(0)
    expect(output).toMatch(plain)
    expect(output).toContain(join(file, 'state'))
    expect(output).toContain('--state')
  })

  it('refuses flags that make no sense in a sentence', async () => {
    for (const flags of [
      ['--port', 'http'],
      ['--cert', 'only.pem'],
      ['--limit', 'nonsense=1'],
    ]) {
      const { code, output } = await crowfly('serve', ...flags)
      expect(code).not.toBe(0)
      expect(output).toMatch(plain)
    }
    for (const flags of [[], ['--user', 'anna'], ['--user', 'a:b', '--listen', '3478']]) {
      const { code, output } = await crowfly('turn', ...flags)
      expect(code).toBe(2)
      expect(output).toMatch(plain)
    }
  })

  it('keeps its key in a folder and a file that only the owner can read', async () => {
    const server = await CrowflyServer.start()
    try {
      const names = readdirSync(server.stateFolder)
      expect(names.length).toBeGreaterThan(1)
      const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
      expect(modeOf(server.stateFolder)).toBe('700')
      for (const name of names) expect([name, modeOf(join(server.stateFolder, name))]).toEqual([name, '600'])
    } finally {
      await server.close()
    }
  })

  it('prints where to open it, for other devices too, and where STUN answers', async () => {
    const server = await CrowflyServer.start()
    try {
      expect(server.output).toContain(`https://localhost:${server.port}`)
      expect(server.output).toMatch(/other devices/i)
      expect(server.output).toMatch(/STUN/)
      // The QR code is for terminals: its colours would be noise in a file.
      expect(server.output).not.toMatch(/[█▀▄]/)
    } finally {
      await server.close()
    }
  })
})

describe('npm start', () => {
  it('on a fresh machine without a network says what it needs', async () => {
    const clone = join(scratch, 'clone')
    // What an installation needs of a clone: its scripts and its manifests.
    const manifests = await runCommand('git', ['ls-files', 'package*.json', '*/package.json', '.npmrc'])
    for (const path of ['scripts', ...manifests.output.trim().split('\n')]) {
      cpSync(join(root, path), join(clone, path), { recursive: true })
    }
    const nowhere = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_cache: join(scratch, 'cache') }
    const env = { ...process.env, ...nowhere, npm_config_fetch_retries: '0' }
    const { code, output } = await runCommand('npm', ['start'], { cwd: clone, env })
    expect(code).toBe(1)
    expect(output).toContain('Installing the packages')
    expect(output).toMatch(/could not be installed: .* check the network .* then run "npm start" again\./)
  })

  it('serves with the flags passed through, and Ctrl-C ends it cleanly', async () => {
    const port = await freePort()
    const flags = ['--port', String(port), '--stun-port', 'off', '--state', join(scratch, 'start')]
    const { code, signal, output } = await runCommand('npm', ['start', '--', ...flags], {
      during: async (printed, group) => {
        await until('the address is printed', () => printed().includes(`https://localhost:${port}`), 60_000)
        // What a terminal does: the signal goes to npm and to everything that it started.
        process.kill(-group, 'SIGINT')
      },
    })
    expect(output).not.toMatch(/npm (error|ERR)/)
    // The shell that npm puts in between dies of the signal itself where it is dash, and npm says what the shell said.
    expect(signal ?? code).toBeOneOf([0, 'SIGINT'])
    await until('the port is free again', () => isFree(port))
  })
})
