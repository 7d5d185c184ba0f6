import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { CertificateSubject, TlsIdentity } from '../certificate.ts'

const dayMs = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A certificate as an authority issues it: signed by another key than its own. */
export async function issuedCertificate(subject: CertificateSubject, now: Date): Promise<TlsIdentity> {
  const authority = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=A server',
    issuer: 'CN=An authority',
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + 90 * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        ...subject.names.map((value) => ({ type: 'dns' as const, value })),
        ...subject.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  }
}
