import { createServer } from 'node:http'
import { build } from 'vite'
import { createSignaling } from './signaling.mjs'

const port = Number(process.argv[2] ?? 8480)
const answerSignaling = createSignaling()
const files = await buildPage()

createServer((request, response) => {
  if (answerSignaling(request, response)) return
  const name = request.url === '/' ? 'index.html' : (request.url?.slice(1) ?? '')
  const content = files.get(name)
  const type = name.endsWith('.js') ? 'text/javascript' : 'text/html'
  response.writeHead(content === undefined ? 404 : 200, { 'Content-Type': type }).end(content)
}).listen(port, () => console.log(`Open http://localhost:${port} in two tabs.`))

/**
 * Stands for whatever builds and serves the application.
 * @returns {Promise<ReadonlyMap<string, string | Uint8Array>>}
 */
async function buildPage() {
  const built = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'warn',
    build: { write: false, target: 'esnext' },
  })
  if (!('output' in built)) throw new TypeError('one build has one output')
  return new Map(built.output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]))
}
