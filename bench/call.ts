import { parseArgs } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type CallMarks, markCall } from './call-marks.ts'
import { crowflyCommand } from './crowfly-command.ts'
import { describeMachine, formatTable, positiveOption, saveResults } from './report.ts'
import { ServerProcess } from './server-process.ts'
import { formatSummary, type Summary, summarize } from './statistics.ts'

const TIMEOUT_MS = 30_000
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
  ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
]

/** The stretches of one call, in milliseconds. */
interface CallRun {
  /** From Connect to the first decoded frame, as the caller has it. */
  total: number
  /** From Connect until the other's page offers to accept, which a script does at once. */
  ring: number
  /** From there until the caller's connection stands (ICE and DTLS). */
  connect: number
  /** From there to the first decoded frame. */
  frame: number
}

async function open(browser: Browser, origin: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext()
  await context.addInitScript(markCall)
  const page = await context.newPage()
  page.setDefaultTimeout(TIMEOUT_MS)
  await page.goto(origin)
  return { context, page }
}

function marksOf(page: Page): Promise<CallMarks> {
  return page.evaluate(() => window.callMarks)
}

/** One call between two fresh pages. */
async function call(callee: Browser, caller: Browser, origin: string): Promise<CallRun> {
  const [ann, bob] = await Promise.all([open(callee, origin), open(caller, origin)])
  await ann.page.getByRole('textbox', { name: 'Your name', exact: true }).fill('Ann')
  await ann.page.getByRole('button', { name: 'Start a call', exact: true }).click()
  const code = (await ann.page.getByTestId('code').first().textContent())?.trim() ?? ''
  await bob.page.getByRole('textbox', { name: 'Your name', exact: true }).fill('Bob')
  await bob.page.getByRole('combobox', { name: 'Code', exact: true }).fill(code)
  await bob.page.getByRole('button', { name: 'Connect', exact: true }).click()
  await bob.page.waitForFunction(() => window.callMarks.firstFrame !== undefined)
  const { accepted = Number.NaN } = await marksOf(ann.page)
  const {
    connectPressed = Number.NaN,
    connected = Number.NaN,
    firstFrame = Number.NaN,
  } = await marksOf(bob.page)
  await Promise.all([ann.context.close(), bob.context.close()])
  return {
    total: firstFrame - connectPressed,
    ring: accepted - connectPressed,
    connect: connected - accepted,
    frame: firstFrame - connected,
  }
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } })
const rounds = positiveOption('rounds', values.rounds)

const limits = ['roomsPerHour=100000', 'joinsPerMinute=100000'].flatMap((limit) => ['--limit', limit])
const server = await ServerProcess.start(crowflyCommand(limits))
const browsers: Browser[] = []
try {
  const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })
  browsers.push(await launch(), await launch())
  const [callee, caller] = browsers
  if (callee === undefined || caller === undefined) throw new Error('two browsers are needed')
  const origin = `http://localhost:${server.port}`
  // The first call also starts what a browser starts once.
  await call(callee, caller, origin)
  const runs: CallRun[] = []
  for (let round = 0; round < rounds; round++) {
    console.error(`call ${round + 1} of ${rounds}`)
    runs.push(await call(callee, caller, origin))
  }
  report(runs)
} finally {
  await Promise.all(browsers.map((browser) => browser.close()))
  await server.stop()
}

function report(runs: readonly CallRun[]): void {
  const summary = (value: (run: CallRun) => number): Summary => summarize(runs.map(value))
  console.log(`Time from Connect to the first decoded frame, two Chromium processes, ${describeMachine()}.`)
  console.log(
    `Milliseconds, median (least to most) of ${rounds} calls; a script accepts as soon as the page offers to.\n`,
  )
  const rows = [
    ['Connect to first decoded frame', formatSummary(summary((run) => run.total))],
    ['  until the callee’s page rings', formatSummary(summary((run) => run.ring))],
    ['  accepted, until the connection stands', formatSummary(summary((run) => run.connect))],
    ['  until the first frame is decoded', formatSummary(summary((run) => run.frame))],
  ]
  console.log(formatTable(['stretch', 'ms'], rows))
  saveResults('call', runs)
}
