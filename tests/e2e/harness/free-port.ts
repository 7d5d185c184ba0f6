import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port from 20000 to 59999 that is free now for TCP and UDP, for a server that has to come back on the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 40_000)
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
