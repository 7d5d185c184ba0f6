import { Arena } from './arena.ts'
import { type Attack, Evidence, HonestlyRefused, NotApplicable } from './attack.ts'
import { catalogue } from './catalogue.ts'
import { HonestClient } from './honest/honest-client.ts'
import { isInOwnNetwork } from './own-network.ts'
import { MemoryWatch, processorSeconds, queuedMs } from './process-figures.ts'
import type { Target } from './target.ts'
import { Victim } from './victim.ts'

/** Of the honest client's packets, over the whole run: some are lost in the kernel's queues while floods go on. */
const MOST_LOSS = 0.1

/** Of which the honest client hears nothing: one packet every 20 ms is sent. */
const MOST_SILENCE_MS = 3000

/** There and back again, for 99 of 100 of its packets: beyond that a call can not be held. */
const MOST_DELAY_MS = 1000

/** Of waiting for a processor: worth saying. */
const MUCH_EXCUSED_MS = 250

/**
 * Growth of the server's resident memory: what may be left of it when the run is over, and what there may have been at
 * any moment. The long form has thousands of connections, of TLS and of allocations open at a time; what they took is
 * not all collected when it ends.
 */
const MOST_GROWTH_MIB = {
  short: { atTheEnd: 96, atThePeak: 128 },
  long: { atTheEnd: 128, atThePeak: 192 },
} as const

/** What an attack came to. */
export interface Result {
  readonly attack: string
  readonly verdict: 'holds' | 'fails' | 'skipped'
  readonly seen: string
  readonly seconds: number
  /** The honest client's packets during it. */
  readonly honest?: {
    readonly sent: number
    readonly lost: number
    readonly longestSilenceMs: number
    readonly p99Ms: number
  }
  /** The server's resident memory afterwards. */
  readonly memoryMib?: number | undefined
  /** What it cost the server. */
  readonly processorSeconds?: number | undefined
}

/** Runs every attack of the catalogue that suits, one after the other, while an honest client goes about its business. */
export async function attackAll(
  target: Target,
  options: { isShort: boolean; only?: RegExp | undefined; onResult: (result: Result) => void },
): Promise<readonly Result[]> {
  const victim = await Victim.open(isInOwnNetwork())
  const arena = new Arena(target, victim, options.isShort)
  const memory = target.pid === undefined ? undefined : new MemoryWatch(target.pid)
  const results: Result[] = []
  const add = (result: Result) => {
    results.push(result)
    options.onResult(result)
  }
  const honest = await startHonest(target, arena)
  if (typeof honest === 'string')
    add({
      attack: HONEST,
      verdict: arena.mayHaveNobodyToTalkTo ? 'skipped' : 'fails',
      seen: honest,
      seconds: 0,
    })
  const client = typeof honest === 'string' ? undefined : honest
  const before = memory?.nowMib
  let [sent, lost] = [0, 0]
  try {
    for (const attack of catalogue) {
      if (attack.isLong === true && options.isShort) continue
      if (!isFor(attack, target)) continue
      if (options.only !== undefined && !options.only.test(attack.name)) continue
      const result = await runOne(attack, arena, client, memory)
      sent += result.honest?.sent ?? 0
      lost += result.honest?.lost ?? 0
      add(result)
    }
    if (client !== undefined) {
      // What is under way has time to come back or be lost.
      await arena.settle(9)
      lost += (await client.report()).lost
      const isGood = sent > 0 && lost <= sent * MOST_LOSS
      const seen = `${lost} of ${sent} packets lost over all attacks`
      add({ attack: HONEST, verdict: isGood ? 'holds' : 'fails', seen, seconds: 0 })
    }
    if (memory !== undefined && before !== undefined) {
      const after = memory.nowMib ?? Number.POSITIVE_INFINITY
      const { atTheEnd, atThePeak } = MOST_GROWTH_MIB[options.isShort ? 'short' : 'long']
      const isGood = after - before <= atTheEnd && memory.peakMib - before <= atThePeak
      const seen = `${before} MiB before, ${Number.isFinite(after) ? after : 'gone'} after, ${memory.peakMib} at most`
      add({ attack: 'the server’s memory', verdict: isGood ? 'holds' : 'fails', seen, seconds: 0 })
    }
  } finally {
    memory?.stop()
    await client?.stop()
    victim.close()
  }
  return results
}

const HONEST = 'the honest client'

function isFor(attack: Attack, target: Target): boolean {
  if (attack.kinds !== undefined && !attack.kinds.includes(target.kind)) return false
  if (attack.needs !== undefined && target[attack.needs] === undefined) return false
  return target.attacks?.includes(attack.name) ?? true
}

/** Where everything can be had, an attack that can not be tried says that something is wrong. */
function mayBeSkipped(attack: Attack, { target, isOwnNetwork }: Arena): boolean {
  return !isOwnNetwork || (target.mayBeSkipped?.includes(attack.name) ?? true)
}

async function startHonest(target: Target, arena: Arena): Promise<HonestClient | string> {
  try {
    return await HonestClient.start(target, arena.source())
  } catch (error) {
    return `it could not begin: ${error instanceof Error ? error.message : String(error)}`
  }
}

async function runOne(
  attack: Attack,
  arena: Arena,
  honest: HonestClient | undefined,
  memory: MemoryWatch | undefined,
): Promise<Result> {
  const evidence = new Evidence()
  const start = performance.now()
  const usedBefore = used(arena.target)
  const queuedBefore = queued(arena.target)
  let skipped: string | undefined
  try {
    await attack.run(arena, evidence)
  } catch (error) {
    if (error instanceof NotApplicable && mayBeSkipped(attack, arena)) skipped = error.message
    else if (error instanceof NotApplicable) evidence.must(false, `it could not be tried: ${error.message}`)
    else if (error instanceof HonestlyRefused) evidence.must(false, error.message)
    else evidence.must(false, `it ended with ${error instanceof Error ? error.stack : String(error)}`)
  }
  const report = await honest?.report()
  if (report !== undefined) {
    evidence.must(report.isAlive, 'the honest client’s allocation is gone')
    evidence.must(report.returned > 0, 'nothing of the honest client came through')
    // Not the server's fault: that others had the processors, be it instead of it or of the honest client.
    const excusedMs = report.ownLatenessMs + queued(arena.target) - queuedBefore
    const delayMs = Math.round(report.p99Ms - excusedMs)
    evidence.must(delayMs < MOST_DELAY_MS, `the honest client’s packets took ${delayMs} ms`)
    const silenceMs = Math.round(report.longestSilenceMs - excusedMs)
    evidence.must(silenceMs < MOST_SILENCE_MS, `the honest client heard nothing for ${silenceMs} ms`)
    if (excusedMs > MUCH_EXCUSED_MS) evidence.note(`the machine was busy: ${Math.round(excusedMs)} ms`)
  }
  await arena.clear()
  return {
    attack: attack.name,
    verdict: !evidence.holds ? 'fails' : skipped !== undefined ? 'skipped' : 'holds',
    seen: skipped !== undefined && evidence.holds ? skipped : evidence.seen,
    seconds: (performance.now() - start) / 1000,
    ...(report === undefined
      ? {}
      : {
          honest: {
            sent: report.sent,
            lost: report.lost,
            longestSilenceMs: report.longestSilenceMs,
            p99Ms: Math.round(report.p99Ms * 10) / 10,
          },
        }),
    memoryMib: memory?.nowMib,
    processorSeconds: used(arena.target) - usedBefore,
  }
}

function used({ pid }: Target): number {
  return pid === undefined ? Number.NaN : (processorSeconds(pid) ?? Number.NaN)
}

function queued({ pid }: Target): number {
  return pid === undefined ? 0 : queuedMs(pid)
}
