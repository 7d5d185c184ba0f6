import type { Target } from '../target.ts'
import { serverHosts, startCrowfly } from './crowfly-command.ts'

const PORT = 3478

/** `crowfly turn` in public mode as it comes, with three users. */
export async function startCrowflyTurn(): Promise<Target> {
  const { host, hostV6 } = serverHosts()
  const listen = ['--listen', `${host}:${PORT}`, '--listen', `[${hostV6}]:${PORT}`]
  const users = ['--user', 'u:p', '--user', 'u2:p2', '--user', 'u3:p3']
  const server = await startCrowfly(PORT, [
    'turn',
    ...listen,
    ...users,
    '--realm',
    'test',
    '--peers',
    'public',
  ])
  return {
    name: 'turn',
    kind: 'public',
    host,
    hostV6,
    port: PORT,
    realm: 'test',
    user: { username: 'u', password: 'p' },
    other: { username: 'u2', password: 'p2' },
    flooder: { username: 'u3', password: 'p3' },
    pid: server.pid,
    isJudged: true,
    stop: () => server.stop(),
  }
}
