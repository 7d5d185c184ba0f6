import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { launchChromium } from './harness/browser-process.ts'
import { root } from './harness/crowfly-server.ts'
import { freePort } from './harness/free-port.ts'
import { until } from './harness/until.ts'

it('the example with a transport of its own connects two tabs, and no WebSocket is opened', async () => {
  const port = await freePort()
  const server = spawn(process.execPath, [join(root, 'examples/own-transport/server.mjs'), String(port)])
  onTestFinished(() => void server.kill())
  let printed = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  await until('the server prints its address', () => {
    if (server.exitCode !== null) throw new Error(printed)
    return printed.includes(`localhost:${port}`)
  })
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const context = await browser.newContext()
  const sockets: string[] = []
  const pages = await Promise.all([context.newPage(), context.newPage()])
  for (const page of pages) page.on('websocket', (socket) => sockets.push(socket.url()))
  const [first, second] = pages
  const status = (page: typeof first): Promise<string | null> => page.getByRole('status').textContent()
  await first.goto(`http://localhost:${port}`)
  await until('the first waits', async () => (await status(first)) === 'waiting, online, 0 connected')
  await second.goto(`http://localhost:${port}`)
  for (const page of pages)
    await until('they are in a call', async () => (await status(page)) === 'inCall, online, 1 connected')
  await until('a picture plays', () =>
    first.evaluate(() => (document.querySelector('video')?.videoWidth ?? 0) > 0),
  )
  await second.close({ runBeforeUnload: false })
  await until(
    'the other is gone',
    async () => (await status(first)) === 'waiting, online, 0 connected',
    30_000,
  )
  expect(sockets).toEqual([])
})
