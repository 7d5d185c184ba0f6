import { LoadWebSocket } from './clients/web-socket.ts'

/** What a Node process uses, as its own `process.memoryUsage()` has it. */
export interface MemoryUsage {
  rss: number
  heapUsed: number
  external: number
}

/** Asks a Node process, started with `--inspect` on this port, for its memory after a full garbage collection. */
export async function collectAndMeasure(port: number): Promise<MemoryUsage> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`)
  const [page]: { webSocketDebuggerUrl: string }[] = JSON.parse(await response.text())
  if (page === undefined) throw new Error(`nobody to inspect on port ${port}`)
  const { pathname } = new URL(page.webSocketDebuggerUrl)
  return new Promise((resolve) => {
    const socket = new LoadWebSocket(port, pathname, undefined, {
      open: () => socket.sendText(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' })),
      message(payload) {
        const { id, result } = JSON.parse(payload.toString())
        if (id === 1) {
          const expression = 'JSON.stringify(process.memoryUsage())'
          socket.sendText(JSON.stringify({ id: 2, method: 'Runtime.evaluate', params: { expression } }))
        } else if (id === 2) {
          socket.destroy()
          resolve(JSON.parse(result.result.value))
        }
      },
      close: () => {},
    })
  })
}
