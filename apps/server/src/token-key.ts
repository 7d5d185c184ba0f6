import { randomBytes } from 'node:crypto'
import { OperatorError } from './operator-error.ts'
import type { StateFolder } from './state-folder.ts'

const fileName = 'room-token.key'
const keyBytes = 32

/**
 * The key that signs room tokens, made at the first start. With it a restarted server knows the rooms that its
 * predecessor made. Throws `OperatorError` `STATE_FOLDER_UNUSABLE`.
 */
export async function loadTokenKey(folder: StateFolder): Promise<Uint8Array> {
  const key = (await folder.read(fileName)) ?? (await folder.create(fileName, randomBytes(keyBytes)))
  if (key.length !== keyBytes) {
    throw new OperatorError(
      'STATE_FOLDER_UNUSABLE',
      `${folder.path}/${fileName} should hold ${keyBytes} bytes and holds ${key.length}. ` +
        'Delete it and start again: a new one is made.',
    )
  }
  return new Uint8Array(key)
}
