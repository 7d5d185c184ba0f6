import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeCertificate } from './certificate.ts'
import { localAddresses } from './local-addresses.ts'
import { StateFolder } from './state-folder.ts'
import { temporaryFolder } from './testing/running.ts'
import { keepIdentity, readIdentity } from './tls-identity.ts'

const now = new Date('2026-06-01T12:00:00Z')
const later = (days: number) => new Date(now.getTime() + days * 86_400_000)
const subject = { names: ['localhost'], addresses: ['127.0.0.1'] }

async function files(identity: { cert: string; key: string }): Promise<{ cert: string; key: string }> {
  const folder = await temporaryFolder()
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await writeFile(paths.cert, identity.cert)
  await writeFile(paths.key, identity.key)
  return paths
}

test('the certificate that is made is for this machine, by all its names and addresses', async () => {
  const identity = await keepIdentity(await StateFolder.open(await temporaryFolder()), now)
  const certificate = new X509Certificate(identity.cert)
  for (const name of ['localhost', hostname()]) expect(certificate.checkHost(name)).toBe(name)
  for (const { address } of localAddresses()) {
    expect(certificate.checkIP(address.replace(/%.*/, ''))).toBeDefined()
  }
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(certificate.ca).toBe(false)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000
  expect(days).toBe(397)
  expect(Date.parse(certificate.validFrom)).toBeLessThan(now.getTime())
})

test('it is kept until thirty days remain, then made anew', async () => {
  const folder = await StateFolder.open(await temporaryFolder())
  const first = await keepIdentity(folder, now)
  expect(await keepIdentity(folder, later(365))).toEqual(first)
  const renewed = await keepIdentity(folder, later(367))
  expect(renewed.cert).not.toBe(first.cert)
  expect(await keepIdentity(folder, later(368))).toEqual(renewed)
})

test('a damaged file is replaced', async () => {
  const folder = await StateFolder.open(await temporaryFolder())
  const path = join(folder.path, 'certificate.pem')
  const { cert, key } = await keepIdentity(folder, now)
  const other = await makeCertificate(subject, now)
  for (const damaged of ['', 'garbage', cert, key, other.key + cert, (key + cert).slice(0, -100)]) {
    await writeFile(path, damaged)
    const mended = await keepIdentity(folder, now)
    expect(new X509Certificate(mended.cert).checkPrivateKey(createPrivateKey(mended.key))).toBe(true)
    expect(await readFile(path, 'latin1')).toBe(mended.key + mended.cert)
  }
})

test('many first starts at once serve one certificate', async () => {
  const path = join(await temporaryFolder(), 'state')
  const identities = await Promise.all(
    Array.from({ length: 8 }, async () => keepIdentity(await StateFolder.open(path), now)),
  )
  expect(new Set(identities.map(({ cert }) => cert)).size).toBe(1)
  expect(new Set(identities.map(({ key }) => key)).size).toBe(1)
})

test('a certificate and key of the operator are taken as they are', async () => {
  const identity = await makeCertificate(subject, now)
  expect(await readIdentity(await files(identity), now)).toEqual({
    ...identity,
    isSelfMade: false,
    warnings: [],
  })
})

test('a key of another certificate is refused', async () => {
  const { cert } = await makeCertificate(subject, now)
  const { key } = await makeCertificate(subject, now)
  await expect(readIdentity(await files({ cert, key }), now)).rejects.toMatchObject({
    code: 'CERTIFICATE_UNUSABLE',
    message: expect.stringMatching(
      /key\.pem \(--key\) does not belong to the certificate .*cert\.pem \(--cert\)/,
    ),
  })
})

test('what is no certificate or no key is refused by its flag', async () => {
  const identity = await makeCertificate(subject, now)
  const swapped = await files({ cert: identity.key, key: identity.cert })
  await expect(readIdentity(swapped, now)).rejects.toThrow(/\(--cert\) is not a certificate in PEM form/)
  const keyless = await files({ ...identity, key: 'garbage' })
  await expect(readIdentity(keyless, now)).rejects.toThrow(/\(--key\) is not a private key in PEM form/)
  const missing = { ...keyless, cert: join(await temporaryFolder(), 'none.pem') }
  await expect(readIdentity(missing, now)).rejects.toThrow(
    /none\.pem \(--cert\) cannot be read: there is no such file/,
  )
})

test('a certificate that has expired, or is not valid yet, is served with a warning', async () => {
  const paths = await files(await makeCertificate(subject, now))
  expect((await readIdentity(paths, later(500))).warnings).toEqual([
    expect.stringMatching(/expired on 2027-07-02: browsers will refuse it\.$/),
  ])
  expect((await readIdentity(paths, later(-10))).warnings).toEqual([
    expect.stringMatching(/is not valid before 2026-05-31\.$/),
  ])
})
