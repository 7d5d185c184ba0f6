import { X509Certificate } from 'node:crypto'

/** How long a certificate made here is valid. Apple's platforms refuse more than 398 days. */
const lifetimeDays = 397

const dayMs = 86_400_000

/** A certificate and its private key, both PEM, as `node:tls` takes them. */
export interface TlsIdentity {
  cert: string
  key: string
}

/** What a certificate made here is for. */
export interface CertificateSubject {
  /** DNS names. */
  names: readonly string[]
  /** IP addresses, without zones. */
  addresses: readonly string[]
}

/** Makes a self-signed ECDSA P-256 certificate for a TLS server. */
export async function makeCertificate(subject: CertificateSubject, now: Date): Promise<TlsIdentity> {
  // Only a first start comes here: the library and the polyfill that it needs are not loaded at others.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // RFC 5280 §4.1.2.2: positive, at most 20 bytes.
    serialNumber: `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`,
    name: 'CN=Crowfly on this machine',
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + (lifetimeDays - 1) * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...subject.names.map((value) => ({ type: 'dns' as const, value })),
        ...subject.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = key.match(/.{1,64}/g) ?? []
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`,
  }
}

/** Days until the first certificate in `cert` expires; negative once it has. Throws when there is none. */
export function daysLeft(cert: string, now: Date): number {
  return (Date.parse(new X509Certificate(cert).validTo) - now.getTime()) / dayMs
}
