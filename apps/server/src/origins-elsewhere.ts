import { X509Certificate } from 'node:crypto'
import { type LocalAddress, reachableAddresses, urlHost } from './local-addresses.ts'

/** Where other devices open the app, the likeliest first: by the names of a given certificate, then by address. */
export function originsElsewhere(
  addresses: readonly LocalAddress[],
  port: number,
  certificate: { cert: string; isSelfMade: boolean },
): string[] {
  const names = certificate.isSelfMade ? [] : namesOf(certificate.cert)
  const hosts = reachableAddresses(addresses).map(({ address }) => urlHost(address))
  return [...names, ...hosts].map((host) => `https://${host}:${port}`)
}

/** The DNS names that a certificate is for, without patterns. */
function namesOf(certificate: string): string[] {
  const alternatives = new X509Certificate(certificate).subjectAltName ?? ''
  return [...alternatives.matchAll(/DNS:([a-z0-9.-]+)(?=,|$)/gi)].map(([, name]) => name ?? '')
}
