import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpawnedServer } from '../spawned-server.ts'
import type { Target } from '../target.ts'
import { serverHosts } from './crowfly-command.ts'
import { threeUsers, threeUsersFlags } from './static-users.ts'

const PORT = 3478

/** Debian's coturn: as it comes, or with the flags that an operator in a hurry gives it. */
export async function startCoturn(isCareless: boolean): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'crowfly-security-'))
  const { host, hostV6 } = serverHosts()
  const args = [
    ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--log-file', 'stdout', '--fingerprint'],
    ...['--listening-ip', host, '--listening-ip', hostV6, '--listening-port', String(PORT)],
    ...['--relay-ip', host, '--relay-ip', hostV6],
    ...['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')],
    ...['--lt-cred-mech', ...threeUsersFlags],
    ...(isCareless ? ['--allow-loopback-peers'] : []),
  ]
  const server = await SpawnedServer.start('turnserver', args, /admin thread/)
  return {
    name: isCareless ? 'careless-coturn' : 'coturn',
    kind: 'public',
    host,
    hostV6,
    port: PORT,
    ...threeUsers,
    pid: server.pid,
    isJudged: isCareless,
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
