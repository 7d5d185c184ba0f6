/** `192.0.2.1:3478` or `[2001:db8::1]:3478`; throws a sentence for people. */
export function parseHostPort(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([\d.]+)):(\d+)$/i.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw new Error(`a server is given as address:port, not ${text}`)
  return { host, port: Number(port) }
}
