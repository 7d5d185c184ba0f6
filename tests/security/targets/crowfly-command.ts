import { fileURLToPath } from 'node:url'
import { isInOwnNetwork, SERVER_ADDRESS } from '../own-network.ts'
import { SpawnedServer } from '../spawned-server.ts'

// One folder further down when it runs compiled.
const root = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../..' : '../../../..', import.meta.url),
)

/** Where a server is to be reached: as strangers would, or on loopback. */
export function serverHosts(): { host: string; hostV6: string } {
  return isInOwnNetwork()
    ? { host: SERVER_ADDRESS[4], hostV6: SERVER_ADDRESS[6] }
    : { host: '127.0.0.1', hostV6: '::1' }
}

/** Starts the built command and waits until it has named its port. */
export function startCrowfly(port: number, args: readonly string[]): Promise<SpawnedServer> {
  const bin = `${root}/apps/server/bin/crowfly.mjs`
  return SpawnedServer.start(process.execPath, [bin, ...args], new RegExp(`:${port}\\b`))
}
