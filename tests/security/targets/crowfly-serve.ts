import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Target } from '../target.ts'
import { serverHosts, startCrowfly } from './crowfly-command.ts'
import { allocationLimitFlags, limitFlags } from './limit-flags.ts'
import { RoomMember } from './room-member.ts'

const PORT = 8443

/** A server lets one address open twenty rooms an hour. */
const ROOMS = 14

// Each by less than the default, that an attack can get there; but for that of each user, which is the default.
const LIMITS = { perUser: 256, perAddress: 300, inAll: 2048 }

// The members answer pings on the thread that attacks, and may be late: by default they would be gone after seconds.
const PATIENCE = { pingEveryMs: 20_000, deadAfterMs: 65_000 }

/** `crowfly serve` with a member in each of its rooms, whose credentials are used. */
export async function startCrowflyServe(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'crowfly-security-'))
  const { host, hostV6 } = serverHosts()
  const flags = ['--port', String(PORT), '--state', join(folder, 'state'), '--stun-port', 'off']
  const server = await startCrowfly(PORT, [
    'serve',
    ...flags,
    ...allocationLimitFlags(LIMITS),
    ...limitFlags(PATIENCE),
  ])
  const members: RoomMember[] = []
  const stop = async () => {
    for (const member of members) member.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let rooms = 0; rooms < ROOMS; rooms++) members.push(await RoomMember.create('127.0.0.1', PORT))
    const [leaver, ...others] = members
    const [user, other, flooder, ...crowd] = others.map(({ credentials }) => credentials)
    if (user === undefined) throw new Error('no credentials')
    return {
      name: 'serve',
      kind: 'rooms',
      host,
      hostV6,
      port: PORT,
      realm: '',
      user,
      other,
      flooder,
      leaver,
      limits: LIMITS,
      crowd,
      mayBeSkipped: [],
      pid: server.pid,
      isJudged: true,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
