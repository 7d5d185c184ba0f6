import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerCommand } from './server-process.ts'

const BIN = join(import.meta.dirname, '..', '..', 'apps', 'server', 'bin', 'crowfly.mjs')

/** The real `crowfly serve` on the loopback address, with a new state folder, and more flags if need be. */
export function crowflyCommand(flags: readonly string[] = []): ServerCommand {
  const state = mkdtempSync(join(tmpdir(), 'crowfly-bench-'))
  return {
    name: 'crowfly serve',
    command: process.execPath,
    args: (port) => [
      BIN,
      'serve',
      ...['--port', String(port), '--host', '127.0.0.1', '--stun-port', 'off'],
      ...['--state', state, '--log-level', 'silent'],
      ...flags,
    ],
    isReady: isListening,
  }
}

/** Whether somebody takes TCP connections on a port of the loopback address. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
