import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Target } from '../target.ts'
import type { FromHonest, HonestReport, HonestTask } from './honest-task.ts'

/** Someone who only wants to talk, on a thread of their own, while everybody else attacks. */
export class HonestClient {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Has two allocations and exchanges packets, 50 a second, until `stop`. Throws with the reason if it can not. */
  static async start(target: Target, source: string | undefined): Promise<HonestClient> {
    const { host, port, realm } = target
    const workerData: HonestTask = { host, port, realm, source, ...target.user }
    const client = new HonestClient(
      new Worker(new URL('./honest-worker.js', import.meta.url), { workerData }),
    )
    const first = await client.#hear()
    if (first.type === 'failed') {
      await client.stop()
      throw new Error(first.reason)
    }
    return client
  }

  /** How it fared since the last time. */
  async report(): Promise<HonestReport> {
    this.#worker.postMessage('report')
    const heard = await this.#hear()
    if (heard.type !== 'report') throw new Error('the honest client has stopped')
    return heard.report
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  async #hear(): Promise<FromHonest> {
    const [message]: FromHonest[] = await once(this.#worker, 'message')
    return message ?? { type: 'failed', reason: 'the worker said nothing' }
  }
}
