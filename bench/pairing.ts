import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { measurePairings, type PairingSteps } from './pairing-steps.ts'
import { describeMachine, formatTable, positiveOption, saveResults } from './report.ts'
import { formatSummary, type Summary, summarize } from './statistics.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** Where a page without a bundler finds what the built modules import. */
const IMPORTS = {
  '@crowfly/bytes': '/packages/bytes/dist/index.js',
  '@crowfly/pairing': '/packages/pairing/dist/index.js',
  '@crowfly/sansio': '/packages/sansio/dist/index.js',
  '@crowfly/stun': '/packages/stun/dist/index.js',
  '@noble/': '/node_modules/@noble/',
  '@scure/': '/node_modules/@scure/',
}

/** Each is the first ones of a page too: nothing is compiled, and nothing is cached. */
const WARM_UP = 20

/** Pairings in a page of a Chromium of its own, first cold and then warm. */
async function measureInChromium(count: number): Promise<PairingSteps[]> {
  const server = createServer((request, response) => {
    const path = normalize(request.url ?? '/')
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html')
      response.end(`<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`)
      return
    }
    readFile(join(ROOT, path)).then(
      (file) => {
        response.setHeader('Content-Type', 'text/javascript')
        response.end(file)
      },
      () => {
        response.statusCode = 404
        response.end()
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
    // A text: a function's `import` would be compiled to Node's.
    return await page.evaluate<PairingSteps[]>(
      `import('/bench/dist/pairing-steps.js').then((steps) => steps.measurePairings(${count}))`,
    )
  } finally {
    await browser.close()
    server.close()
  }
}

const { values } = parseArgs({ options: { pairings: { type: 'string', default: '200' } } })
const count = positiveOption('pairings', values.pairings)
const inNode = measurePairings(WARM_UP + count)
const inChromium = await measureInChromium(WARM_UP + count)

console.log(`Time that a pairing takes in script, ${describeMachine()}.`)
console.log(`Milliseconds on one core, median (least to most) of ${count}; in brackets the first of all.\n`)
const rows: [string, (steps: PairingSteps) => number][] = [
  ['member: a ticket, beforehand', ({ ticket }) => ticket],
  ['newcomer: open, with the sealed offer', ({ open }) => open],
  ['member: proof and sealed answer', ({ reply }) => reply],
  ['newcomer: proof', ({ confirm }) => confirm],
  ['member in all', ({ ticket, reply }) => ticket + reply],
  ['newcomer in all', ({ open, confirm }) => open + confirm],
]
const cell = (all: readonly PairingSteps[], value: (steps: PairingSteps) => number): string => {
  const warm: Summary = summarize(all.slice(WARM_UP).map(value))
  const first = all.slice(0, 1).map(value)
  return `${formatSummary(warm, 2)} [${first.map((ms) => ms.toFixed(1)).join('')}]`
}
console.log(
  formatTable(
    ['step', 'Node', 'Chromium'],
    rows.map(([name, value]) => [name, cell(inNode, value), cell(inChromium, value)]),
  ),
)
saveResults('pairing', { node: inNode, chromium: inChromium })
