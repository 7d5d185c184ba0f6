import { expect, test } from 'vitest'
import { makeCertificate } from './certificate.ts'
import { stunUrl, turnUrls } from './ice-urls.ts'
import { issuedCertificate } from './testing/issued-certificate.ts'

const now = new Date()

test('the relay is named by the host that the page came from, over UDP and over TCP', async () => {
  const made = {
    ...(await makeCertificate({ names: ['localhost'], addresses: [] }, now)),
    isSelfMade: true,
    warnings: [],
  }
  expect(stunUrl('[::1]', 8443)).toBe('stun:[::1]:8443')
  expect(turnUrls('[::1]', 8443, made, now)).toEqual([
    'turn:[::1]:8443?transport=udp',
    'turn:[::1]:8443?transport=tcp',
  ])
})

test('over TLS it is named only to whom the certificate is valid for', async () => {
  const subject = { names: ['call.example.org', '*.example.net'], addresses: ['192.0.2.1', '2001:db8::1'] }
  const identity = { ...(await issuedCertificate(subject, now)), isSelfMade: false, warnings: [] }
  const isNamed = (host: string, at = now) =>
    turnUrls(host, 443, identity, at).includes(`turns:${host}:443?transport=tcp`)
  for (const host of ['call.example.org', 'a.example.net', '192.0.2.1', '[2001:db8::1]']) {
    expect(isNamed(host)).toBe(true)
  }
  for (const host of ['localhost', 'example.org', '192.0.2.2', '[::1]', 'a.b.example.net']) {
    expect(isNamed(host)).toBe(false)
  }
  expect(isNamed('call.example.org', new Date(now.getTime() + 400 * 86_400_000))).toBe(false)
})

test('a certificate that was signed by itself is vouched for by nobody, whoever made it', async () => {
  const own = await makeCertificate({ names: ['call.example.org'], addresses: [] }, now)
  const identity = { ...own, isSelfMade: false, warnings: [] }
  expect(turnUrls('call.example.org', 443, identity, now)).toHaveLength(2)
})
