import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs coturn's load generator as user u with password p, in a network namespace if one is named; returns what it printed. */
export async function uclient(flags: readonly string[], namespace?: string): Promise<string> {
  const [program = '', ...args] = [
    ...(namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace]),
    'turnutils_uclient',
    '-u',
    'u',
    '-w',
    'p',
    ...flags,
  ]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  // It has no end of its own when nothing comes back.
  const timer = setTimeout(() => child.kill(), 50_000)
  await once(child, 'close')
  clearTimeout(timer)
  return output
}

/** Packets that were sent and that came back, of what `uclient` printed. */
export function countsIn(output: string): { sent: number; received: number } {
  const [, sent, received] =
    output.match(/start_mclient: tot_send_msgs=(\d+), tot_recv_msgs=(\d+)\s*$/m)?.map(Number) ?? []
  return { sent: sent ?? -1, received: received ?? -1 }
}
