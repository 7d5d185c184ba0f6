import { parentPort, workerData } from 'node:worker_threads'
import { type Outcome, TurnClient } from '../client/turn-client.ts'
import { comesTrue } from '../pause.ts'
import type { FromHonest, HonestReport, HonestTask } from './honest-task.ts'

const EVERY_MS = 20
const RENEW_MS = 60_000
const LOST_MS = 2000
const CHANNEL = 0x4000

/** Two allocations of one user that play ping-pong: there by Send indications, back by ChannelData. */
class PingPong {
  readonly #ping: TurnClient
  readonly #pong: TurnClient
  readonly #sentAt = new Map<number, number>()
  readonly #roundTrips: number[] = []
  #next = 0
  #sent = 0
  #lastReturn = performance.now()
  #longestSilence = 0
  #lastServed = performance.now()
  #lateness = 0
  #isRefused = false

  private constructor(ping: TurnClient, pong: TurnClient) {
    this.#ping = ping
    this.#pong = pong
    pong.onArrival = ({ text }) => pong.sendOn(CHANNEL, text)
    ping.onArrival = ({ text }) => this.#returned(Number(text))
  }

  static async start(task: HonestTask): Promise<PingPong> {
    const [ping, pong] = [await allocated(task), await allocated(task)]
    const game = new PingPong(ping, pong)
    const outcomes = await game.#renew()
    if (outcomes.some((outcome) => outcome !== 'success')) throw new Error(`refused: ${outcomes.join(', ')}`)
    setInterval(() => game.#serve(), EVERY_MS)
    setInterval(() => void game.#keep(), RENEW_MS)
    return game
  }

  /** What happened since the last report. A packet counts as lost only when it is not back after `LOST_MS`. */
  async report(): Promise<HonestReport> {
    const { outcome } = await this.#ping.refresh()
    await comesTrue(() => this.#roundTrips.length > 0, LOST_MS)
    const now = performance.now()
    const lost = [...this.#sentAt].filter(([, at]) => now - at >= LOST_MS)
    for (const [number] of lost) this.#sentAt.delete(number)
    const sorted = this.#roundTrips.splice(0).sort((a, b) => a - b)
    const report = {
      sent: this.#sent,
      returned: sorted.length,
      lost: lost.length,
      longestSilenceMs: Math.round(Math.max(this.#longestSilence, now - this.#lastReturn)),
      medianMs: sorted[sorted.length >>> 1] ?? 0,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      ownLatenessMs: Math.round(this.#lateness),
      isAlive: outcome === 'success' && !this.#isRefused,
    }
    this.#sent = 0
    this.#isRefused = false
    this.#longestSilence = 0
    this.#lateness = 0
    return report
  }

  async #renew(): Promise<Outcome[]> {
    const { relayed: pingAddress } = this.#ping
    const { relayed: pongAddress } = this.#pong
    if (pingAddress === undefined || pongAddress === undefined) throw new Error('an allocation is gone')
    return [
      (await this.#ping.permit(pongAddress)).outcome,
      (await this.#pong.bind(CHANNEL, pingAddress)).outcome,
      (await this.#pong.refresh()).outcome,
    ]
  }

  // What is not answered is asked for again in a minute, and has five.
  async #keep(): Promise<void> {
    if ((await this.#renew()).some((outcome) => typeof outcome === 'number')) this.#isRefused = true
  }

  #serve(): void {
    const { relayed } = this.#pong
    const now = performance.now()
    this.#lateness = Math.max(this.#lateness, now - this.#lastServed - EVERY_MS)
    this.#lastServed = now
    if (relayed === undefined) return
    const number = this.#next++
    this.#sentAt.set(number, now)
    this.#sent++
    this.#ping.send(relayed, String(number))
  }

  #returned(number: number): void {
    const now = performance.now()
    const at = this.#sentAt.get(number)
    if (at === undefined) return
    this.#sentAt.delete(number)
    this.#roundTrips.push(now - at)
    this.#longestSilence = Math.max(this.#longestSilence, now - this.#lastReturn)
    this.#lastReturn = now
  }
}

async function allocated(task: HonestTask): Promise<TurnClient> {
  const { host, port, realm, source, username, password } = task
  const client = await TurnClient.open({ host, port, realm, source, credentials: { username, password } })
  const { outcome } = await client.allocate()
  if (outcome !== 'success') throw new Error(`no allocation: ${outcome}`)
  return client
}

function isTask(value: unknown): value is HonestTask {
  return typeof value === 'object' && value !== null && 'host' in value && 'username' in value
}

function say(message: FromHonest): void {
  parentPort?.postMessage(message)
}

const task: unknown = workerData
if (isTask(task)) {
  try {
    const game = await PingPong.start(task)
    parentPort?.on('message', async () => say({ type: 'report', report: await game.report() }))
    say({ type: 'ready' })
  } catch (error) {
    say({ type: 'failed', reason: error instanceof Error ? error.message : String(error) })
  }
}
