import type { IncomingMessage } from 'node:http'

/**
 * Reads the body of `request` and calls `done` with it, or with undefined as soon as it turns out to be longer than
 * `maxBytes`. Neither is called when the client goes away first.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer | undefined) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done(undefined)
    return
  }
  const chunks: Buffer[] = []
  let length = 0
  const read = (chunk: Buffer): void => {
    length += chunk.length
    if (length <= maxBytes) {
      chunks.push(chunk)
      return
    }
    request.off('data', read)
    request.off('end', end)
    request.pause()
    done(undefined)
  }
  const end = (): void => done(Buffer.concat(chunks, length))
  request.on('data', read)
  request.on('end', end)
}
