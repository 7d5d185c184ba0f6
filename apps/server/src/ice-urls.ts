import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { LoadedIdentity } from './tls-identity.ts'

/** Where STUN is answered, for a client that asked for `host`. */
export function stunUrl(host: string, port: number): string {
  return `stun:${host}:${port}`
}

/**
 * Where the relay is reached, for a client that asked for `host` (as a URL writes it), the quickest way first. `turns:`
 * is among them only if `identity` is valid for that host: a browser asks nobody whether it may go on, and takes no
 * exception that a person has made for the page.
 */
export function turnUrls(host: string, port: number, identity: LoadedIdentity, now: Date): string[] {
  const urls = [`turn:${host}:${port}?transport=udp`, `turn:${host}:${port}?transport=tcp`]
  if (isVouchedFor(identity, host, now)) urls.push(`turns:${host}:${port}?transport=tcp`)
  return urls
}

function isVouchedFor({ cert, isSelfMade }: LoadedIdentity, host: string, now: Date): boolean {
  if (isSelfMade) return false
  const certificate = new X509Certificate(cert)
  const address = host.replace(/^\[|\]$/g, '')
  const names = isIP(address) === 0 ? certificate.checkHost(address) : certificate.checkIP(address)
  // Signed by itself, it may be the operator's own and is still vouched for by nobody.
  return (
    names !== undefined &&
    certificate.subject !== certificate.issuer &&
    Date.parse(certificate.validTo) > now.getTime()
  )
}
