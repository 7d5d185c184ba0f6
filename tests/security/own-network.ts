import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const MARK = 'CROWFLY_SECURITY_NETWORK'

/** The server's addresses in the suite's own network: global ones, as no deny list may have them. */
export const SERVER_ADDRESS = { 4: '20.0.0.1', 6: '2a00::1' } as const

/** An ordinary host there that relaying to is right. */
export const PEER_ADDRESS = { 4: '20.0.0.9', 6: '2a00::9' } as const

// Every address on earth is this host's own, so that whatever a relay lets out is received, and counted; nothing can
// leave, since there is no interface but loopback.
const SETUP = [
  ['ip', 'link', 'set', 'lo', 'up'],
  ['ip', 'addr', 'add', `${SERVER_ADDRESS[4]}/32`, 'dev', 'lo'],
  ['ip', '-6', 'addr', 'add', `${SERVER_ADDRESS[6]}/128`, 'dev', 'lo'],
  ['ip', 'route', 'add', 'local', 'default', 'dev', 'lo'],
  ['ip', '-6', 'route', 'add', 'local', 'default', 'dev', 'lo'],
] as const

const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }

/** Whether this process runs in the suite's own network. */
export function isInOwnNetwork(): boolean {
  return process.env[MARK] === 'own'
}

/** Gives this process, which must be in a new network namespace, the suite's addresses. */
export function prepareOwnNetwork(): void {
  for (const family of ['ipv4', 'ipv6']) writeFileSync(`/proc/sys/net/${family}/ip_nonlocal_bind`, '1')
  for (const [program, ...args] of SETUP) {
    const { status, stderr } = spawnSync(program, args, { env: environment, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr ?? 'not installed'}`)
  }
}

/**
 * Runs this very program again in a network of its own, with the same arguments, and returns its exit code; undefined
 * when this machine makes none (no `unshare`, or no right to it).
 */
export function runInOwnNetwork(): number | undefined {
  const enter = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net']
  if (spawnSync('unshare', [...enter, 'true'], { stdio: 'ignore' }).status !== 0) return undefined
  const args = [...enter, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  return spawnSync('unshare', args, { stdio: 'inherit', env: { ...environment, [MARK]: 'own' } }).status ?? 1
}
