import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Log } from './log.ts'
import { reasonOf, refuseFlag } from './operator-error.ts'

/** Who wants to do what, as the application is asked. */
export interface EntryRequest {
  readonly action: 'create' | 'join' | 'look'
  /** The nameplate, or the room's own name; undefined for a room that is to be made. */
  readonly room: string | undefined
  /** What the client was given by the application (`JoinOptions.authorization`); empty when it shows nothing. */
  readonly authorization: string
}

/** What the module given by `--authorize` exports as its default: whether they may. */
export type Authorize = (request: EntryRequest) => boolean | Promise<boolean>

/** An application that has not answered by then has said no. */
const answerWithinMs = 10_000

const remedy = 'Give a JavaScript module whose default export is a function.'

/** Loads the module. Throws `OperatorError` `FLAG_REFUSED` when that is none. */
export async function loadAuthorize(path: string): Promise<Authorize> {
  let loaded: unknown
  try {
    loaded = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    refuseFlag('--authorize', path, `${remedy} Loading it failed: ${reasonOf(error)}`)
  }
  const hook: unknown =
    typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'default') : undefined
  if (typeof hook !== 'function') refuseFlag('--authorize', path, remedy)
  // Called as a promise's step, so that whatever it does or gives is dealt with below.
  return async (request) => (await Reflect.apply(hook, undefined, [request])) === true
}

/** Asks. Whatever is not a plain yes in time is a no; what went wrong is in the log. Never rejects. */
export async function mayEnter(authorize: Authorize, request: EntryRequest, log: Log): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  try {
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs)
    })
    return await Promise.race([authorize(request), tooLate])
  } catch (error) {
    log.error(`--authorize failed, and nobody was let in by it: ${reasonOf(error)}`)
    return false
  } finally {
    clearTimeout(timer)
  }
}
