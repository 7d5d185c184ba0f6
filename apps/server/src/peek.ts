import type { Socket } from 'node:net'
import { classifyFirstBytes, type FirstBytes } from './first-bytes.ts'

/** What a connection turned out to carry. */
export type Carried = Exclude<FirstBytes, 'undecided'>

/**
 * Reads as many bytes as it takes to tell what `socket` carries, and calls `decided` with them, which has to hand them
 * to whoever reads on: nobody listens to the socket then, and it flows. A connection that does not say within
 * `timeoutMs`, however it dribbles, is destroyed.
 */
export function peek(
  socket: Socket,
  timeoutMs: number,
  decided: (carried: Carried, seen: Buffer) => void,
): void {
  let seen: Buffer | undefined
  const timer = setTimeout(() => socket.destroy(), timeoutMs).unref()

  // Event names that HTTP listens to as well: each further one costs every idle connection memory.
  const stop = (): void => {
    clearTimeout(timer)
    socket.off('data', read)
    socket.off('end', giveUp)
    socket.off('close', stop)
  }
  const giveUp = (): void => {
    stop()
    socket.destroy()
  }
  const read = (chunk: Buffer): void => {
    seen = seen === undefined ? chunk : Buffer.concat([seen, chunk])
    const carried = classifyFirstBytes(seen)
    if (carried === 'undecided') return
    stop()
    decided(carried, seen)
  }
  socket.on('data', read)
  socket.on('end', giveUp)
  socket.on('close', stop)
}
