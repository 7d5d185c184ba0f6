import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'

/**
 * Programs of the system that tests use: the Debian package that brings each, and the phases that need it.
 * @type {readonly { program: string, debianPackage: string, phases: readonly string[] }[]}
 */
const needed = [
  { program: 'chromium', debianPackage: 'chromium', phases: ['e2e', 'netlab'] },
  { program: 'firefox-esr', debianPackage: 'firefox-esr', phases: ['e2e', 'netlab'] },
  { program: 'openssl', debianPackage: 'openssl', phases: ['e2e', 'interop', 'netlab', 'security'] },
  { program: 'turnutils_stunclient', debianPackage: 'coturn', phases: ['interop', 'netlab', 'security'] },
  { program: 'cc', debianPackage: 'gcc', phases: ['e2e'] },
  { program: 'cc', debianPackage: 'libc6-dev', phases: ['e2e'] },
  { program: 'ip', debianPackage: 'iproute2', phases: ['e2e', 'netlab', 'security'] },
  { program: 'nft', debianPackage: 'nftables', phases: ['netlab'] },
]

/** @param {string} program */
function isOnPath(program) {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** @returns {readonly string[] | null} what to put before apt-get, null when this user may not install */
function asRoot() {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null
}

/**
 * Installs the Debian packages that the phases need and that are missing, saying so first; where it may not or can
 * not, says which command brings them: the tests that need them are then skipped, and say so.
 * @param {readonly string[]} phases
 */
export function ensureSystemPackages(phases) {
  const missing = needed
    .filter((item) => item.phases.some((phase) => phases.includes(phase)) && !isOnPath(item.program))
    .map((item) => item.debianPackage)
  if (missing.length === 0) return
  const install = ['apt-get', 'install', '-y', '-o=Dpkg::Use-Pty=0', '--no-install-recommends', ...missing]
  const prefix = isOnPath('apt-get') ? asRoot() : null
  if (prefix === null) {
    console.log(`Missing, and not installed because that needs root on Debian: sudo ${install.join(' ')}`)
    return
  }
  console.log(`Installing Debian packages that tests need: ${missing.join(' ')} …`)
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive']
  const [program = 'env', ...args] = [...prefix, ...quiet]
  const isDone =
    run(program, [...args, 'apt-get', '-qq', 'update']) && run(program, [...args, ...install, '-qq'])
  if (!isDone) console.log(`They could not be installed: apt-get's own words are above.`)
}
