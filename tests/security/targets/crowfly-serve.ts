import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Target } from '../target.ts'
import { serverHosts, startCrowfly } from './crowfly-command.ts'
import { RoomMember } from './room-member.ts'

const PORT = 8443

/** `crowfly serve` as it comes, with a member in each of four rooms, whose credentials are used. */
export async function startCrowflyServe(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'crowfly-security-'))
  const { host, hostV6 } = serverHosts()
  const flags = ['--port', String(PORT), '--state', join(folder, 'state'), '--stun-port', 'off']
  const server = await startCrowfly(PORT, ['serve', ...flags])
  const members: RoomMember[] = []
  const stop = async () => {
    for (const member of members) member.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let rooms = 0; rooms < 4; rooms++) members.push(await RoomMember.create('127.0.0.1', PORT))
    const [user, other, flooder] = members.map(({ credentials }) => credentials)
    const leaver = members[3]
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
      pid: server.pid,
      isJudged: true,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
