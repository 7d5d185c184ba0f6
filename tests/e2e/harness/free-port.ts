import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port that is free now for TCP and UDP, for a server that has to come back on the same one. It is from 10000 to 31999:
 * none that a system gives out by itself to whoever asks for any.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000)
    if (await isFree(port)) return port
  }
}

/** Whether nobody listens on the port, neither for TCP nor for UDP. */
export async function isFree(port: number): Promise<boolean> {
  const tcp = createServer()
  const udp = createSocket('udp4')
  try {
    tcp.listen(port)
    await once(tcp, 'listening')
    udp.bind(port)
    await once(udp, 'listening')
    return true
  } catch {
    return false
  } finally {
    tcp.close()
    udp.close()
  }
}
