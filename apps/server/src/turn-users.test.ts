import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './testing/running.ts'
import { parseUsers } from './turn-users.ts'

async function fileOf(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'users')
  await writeFile(file, text)
  return file
}

test('users come from the command line and from a file', async () => {
  const userFile = await fileOf('# who\r\nbob:p:with:colons\r\n\r\ncat: q \n')
  expect([...parseUsers({ user: ['anna:secret'], userFile })]).toEqual([
    ['anna', 'secret'],
    ['bob', 'p:with:colons'],
    ['cat', ' q '],
  ])
})

test('a line that is none is refused by its number, without the password', async () => {
  const userFile = await fileOf('bob:secret\n\n:hunter2\n')
  expect(() => parseUsers({ userFile })).toThrow(
    `Line 3 of ${userFile} (--user-file) cannot be ":…". Give name`,
  )
  const twice = await fileOf('anna:hunter2')
  expect(() => parseUsers({ user: ['anna:one'], userFile: twice })).toThrow('"anna:…". anna has a password')
})

test('a file that is not there, or has no user in it, is said to be so', async () => {
  expect(() => parseUsers({ userFile: '/does/not/exist' })).toThrow(
    /exist \(--user-file\) cannot be read: ENOENT/,
  )
  const userFile = await fileOf('# nobody yet\n')
  expect(() => parseUsers({ userFile })).toThrow('A relay needs users')
})
