import { JoinError } from './join-error.ts'

/** The server that a call goes to: the one named, else the page's own. Throws a `JoinError` on what is neither. */
export function serverOrigin(server: string | URL | undefined, pageOrigin: string | null): URL {
  const wanted = server ?? pageOrigin
  if (wanted === null || !URL.canParse(wanted)) throw new JoinError(wanted)
  const url = new URL(wanted)
  if (!/^(https?|wss?):$/.test(url.protocol)) throw new JoinError(wanted)
  return url
}
