import type { Target } from '../target.ts'
import { serverHosts, startCrowfly } from './crowfly-command.ts'
import { threeUsers, threeUsersFlags } from './three-users.ts'

const PORT = 3478

/** Unlimited by default, since one static user may be all of a product; here each is one person. */
const LIMIT = ['--limit', 'maxAllocationsPerUser=200']

/**
 * `crowfly turn` with three users: in public mode as it comes, or in rooms mode, where all of them are in one room,
 * which the attacks on other rooms have to find out.
 */
export async function startCrowflyTurn(kind: Target['kind']): Promise<Target> {
  const { host, hostV6 } = serverHosts()
  const listen = ['--listen', `${host}:${PORT}`, '--listen', `[${hostV6}]:${PORT}`]
  const flags = [...threeUsersFlags, '--peers', kind, ...LIMIT]
  const server = await startCrowfly(PORT, ['turn', ...listen, ...flags])
  return {
    name: kind === 'public' ? 'turn' : 'one-room',
    kind,
    host,
    hostV6,
    port: PORT,
    ...threeUsers,
    pid: server.pid,
    isJudged: true,
    stop: () => server.stop(),
  }
}
