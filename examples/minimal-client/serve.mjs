// Serves this folder, and the noble packages from node_modules, on loopback: node examples/minimal-client/serve.mjs [port]
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

const folder = new URL('./', import.meta.url)
const noble = new URL('../../node_modules/@noble/', import.meta.url)
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' }

const server = createServer(async (request, response) => {
  const [, path = ''] = /^\/([\w./-]*)/.exec(request.url ?? '') ?? []
  const isNoble = path.startsWith('noble/')
  const name = isNoble ? path.slice('noble/'.length) : path || 'index.html'
  const type = types[name.split('.').at(-1)]
  try {
    if (type === undefined || name.includes('..')) throw new Error('not served')
    const octets = await readFile(new URL(`./${name}`, isNoble ? noble : folder))
    response.writeHead(200, { 'content-type': type }).end(octets)
  } catch {
    response.writeHead(404).end()
  }
})
server.listen(Number(process.argv[2] ?? 8000), '127.0.0.1', () => {
  console.log(`The minimal client is at http://localhost:${server.address().port}/`)
})
