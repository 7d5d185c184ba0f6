import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { loadAuthorize, mayEnter } from './authorize-hook.ts'

const request = { action: 'join', room: '4821', authorization: 'ann' } as const
const silent = pino({ level: 'silent' })

async function moduleOf(source: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'crowfly-authorize-')), 'hook.mjs')
  await writeFile(file, source)
  return file
}

describe('the module given by --authorize', () => {
  it('is asked with what the client shows', async () => {
    const hook = await loadAuthorize(
      await moduleOf(
        'export default (asked) => [asked.action, asked.room, asked.authorization].join() === "join,4821,ann"',
      ),
    )
    expect(await mayEnter(hook, request, silent)).toBe(true)
    expect(await mayEnter(hook, { ...request, authorization: 'eve' }, silent)).toBe(false)
  })

  it.each([
    ['throws', 'export default () => { throw new Error("no") }'],
    ['rejects', 'export default async () => { throw new Error("no") }'],
    ['says something that is not yes', 'export default () => 1'],
    ['says nothing', 'export default () => {}'],
  ])('lets nobody in when it %s', async (_, source) => {
    expect(await mayEnter(await loadAuthorize(await moduleOf(source)), request, silent)).toBe(false)
  })

  it('lets nobody in when it does not answer', async () => {
    vi.useFakeTimers()
    const answer = mayEnter(() => new Promise(() => {}), request, silent)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await answer).toBe(false)
    vi.useRealTimers()
  })

  it.each([
    ['is not there', undefined],
    ['is no JavaScript', 'export default ('],
    ['exports something else', 'export default "yes"'],
    ['exports nothing', ''],
  ])('is refused at the start when it %s', async (_, source) => {
    const file = source === undefined ? '/nowhere/hook.mjs' : await moduleOf(source)
    await expect(loadAuthorize(file)).rejects.toMatchObject({
      code: 'FLAG_REFUSED',
      message: expect.stringContaining('--authorize'),
    })
  })
})
