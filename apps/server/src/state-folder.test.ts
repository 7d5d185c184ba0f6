import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultStateFolder, StateFolder } from './state-folder.ts'
import { temporaryFolder } from './testing/running.ts'
import { loadTokenKey } from './token-key.ts'

const rightsOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const bytesOf = (text: string) => new TextEncoder().encode(text)

test('the folder and its files are for their owner alone', async () => {
  const path = join(await temporaryFolder(), 'a', 'b')
  const folder = await StateFolder.open(path)
  await folder.create('one', bytesOf('1'))
  await folder.replace('two', bytesOf('2'))
  expect(await rightsOf(path)).toBe('700')
  expect(await rightsOf(join(path, 'one'))).toBe('600')
  expect(await rightsOf(join(path, 'two'))).toBe('600')
  expect(folder.warnings).toEqual([])
})

test('rights that are too wide are narrowed', async () => {
  const path = join(await temporaryFolder(), 'state')
  await mkdir(path)
  await writeFile(join(path, 'one'), '1')
  await chmod(path, 0o755)
  await chmod(join(path, 'one'), 0o644)
  const folder = await StateFolder.open(path)
  await folder.read('one')
  expect(await rightsOf(path)).toBe('700')
  expect(await rightsOf(join(path, 'one'))).toBe('600')
})

test('what was created first stands', async () => {
  const folder = await StateFolder.open(await temporaryFolder())
  expect(await folder.create('one', bytesOf('first'))).toEqual(bytesOf('first'))
  expect(Buffer.from(await folder.create('one', bytesOf('second'))).toString()).toBe('first')
  await folder.replace('one', bytesOf('third'))
  expect((await folder.read('one'))?.toString()).toBe('third')
  expect(await folder.read('two')).toBeUndefined()
})

test('many first starts at once agree on one key, and leave nothing else behind', async () => {
  const path = join(await temporaryFolder(), 'state')
  const keys = await Promise.all(
    Array.from({ length: 20 }, async () => Buffer.from(await loadTokenKey(await StateFolder.open(path)))),
  )
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
  expect(keys[0]).toHaveLength(32)
  expect(await readdir(path)).toEqual(['room-token.key'])
  expect(await readFile(join(path, 'room-token.key'))).toEqual(keys[0])
})

test('a key that was cut short is refused with what to do', async () => {
  const path = await temporaryFolder()
  await writeFile(join(path, 'room-token.key'), 'short')
  await expect(loadTokenKey(await StateFolder.open(path))).rejects.toMatchObject({
    code: 'STATE_FOLDER_UNUSABLE',
    message: expect.stringMatching(/should hold 32 bytes and holds 5\. Delete it/),
  })
})

test('a path below a file is refused with what to do', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  for (const path of [file, join(file, 'state')]) {
    await expect(StateFolder.open(path)).rejects.toMatchObject({
      code: 'STATE_FOLDER_UNUSABLE',
      message: expect.stringMatching(/a part of this path is a file, not a folder\. .*--state <folder>\.$/),
    })
  }
})

test('the default follows the XDG base directories', () => {
  expect(defaultStateFolder({ XDG_STATE_HOME: '/x' })).toBe('/x/crowfly')
  expect(defaultStateFolder({})).toMatch(/\/\.local\/state\/crowfly$/)
})
