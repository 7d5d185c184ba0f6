import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { createSecureContext } from 'node:tls'
import { daysLeft, makeCertificate, type TlsIdentity } from './certificate.ts'
import { localAddresses } from './local-addresses.ts'
import { OperatorError, reasonOf, systemCode } from './operator-error.ts'
import type { StateFolder } from './state-folder.ts'

const fileName = 'certificate.pem'

/** A certificate made here is made anew when fewer days remain. */
const renewalDays = 30

/** Where `--cert` and `--key` point. */
export interface CertificateFiles {
  cert: string
  key: string
}

/** What TLS is served with, and what the operator should know of it. */
export interface LoadedIdentity extends TlsIdentity {
  isSelfMade: boolean
  /** Whole sentences. */
  warnings: readonly string[]
}

/** Reads `--cert` and `--key`. Throws `OperatorError` `CERTIFICATE_UNUSABLE`. */
export async function readIdentity(files: CertificateFiles, now: Date): Promise<LoadedIdentity> {
  const cert = await readPem('--cert', files.cert)
  const key = await readPem('--key', files.key)
  const certificate = parse(
    '--cert',
    files.cert,
    'a certificate in PEM form',
    () => new X509Certificate(cert),
  )
  const privateKey = parse('--key', files.key, 'a private key in PEM form without a passphrase', () =>
    createPrivateKey(key),
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw unusable(
      `The key ${files.key} (--key) does not belong to the certificate ${files.cert} (--cert). ` +
        'Give the two files that were issued together, and the server certificate first in a chain.',
    )
  }
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    throw unusable(`TLS cannot be served with the certificate ${files.cert} (--cert): ${reasonOf(error)}.`)
  }
  const days = daysLeft(cert, now)
  const warnings: string[] = []
  if (days < 0) {
    warnings.push(
      `The certificate ${files.cert} expired on ${dayOf(certificate.validTo)}: browsers will refuse it.`,
    )
  } else if (Date.parse(certificate.validFrom) > now.getTime()) {
    warnings.push(`The certificate ${files.cert} is not valid before ${dayOf(certificate.validFrom)}.`)
  }
  return { cert, key, isSelfMade: false, warnings }
}

/**
 * The certificate of the state folder, made when there is none, when it cannot be read or when it is about to
 * expire. Throws `OperatorError` `STATE_FOLDER_UNUSABLE`.
 */
export async function keepIdentity(folder: StateFolder, now: Date): Promise<LoadedIdentity> {
  const kept = await folder.read(fileName)
  const known = kept && split(kept.toString('latin1'), now)
  if (known) return { ...known, isSelfMade: true, warnings: [] }
  const addresses = localAddresses().map(({ address }) => address.replace(/%.*/, ''))
  const made = await makeCertificate(
    {
      names: [...new Set(['localhost', hostname()])].filter((name) => /^[a-z0-9.-]+$/i.test(name)),
      addresses: [...new Set(['127.0.0.1', '::1', ...addresses])],
    },
    now,
  )
  const bytes = Buffer.from(made.key + made.cert, 'latin1')
  if (kept) {
    await folder.replace(fileName, bytes)
    return { ...made, isSelfMade: true, warnings: [] }
  }
  // Another process may have been first: then both serve its certificate.
  const stands = split(Buffer.from(await folder.create(fileName, bytes)).toString('latin1'), now)
  return { ...(stands ?? made), isSelfMade: true, warnings: [] }
}

/** The pair in a file of the state folder; undefined when it is damaged or about to expire. */
function split(pem: string, now: Date): TlsIdentity | undefined {
  const at = pem.indexOf('-----BEGIN CERTIFICATE-----')
  const identity = { key: pem.slice(0, Math.max(at, 0)), cert: pem.slice(Math.max(at, 0)) }
  try {
    if (daysLeft(identity.cert, now) < renewalDays) return undefined
    const isPair = new X509Certificate(identity.cert).checkPrivateKey(createPrivateKey(identity.key))
    return isPair ? identity : undefined
  } catch {
    return undefined
  }
}

async function readPem(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    const code = systemCode(error)
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'you have no permission to read it'
          : reasonOf(error)
    throw unusable(`The file ${path} (${flag}) cannot be read: ${why}.`)
  }
}

function parse<T>(flag: string, path: string, what: string, read: () => T): T {
  try {
    return read()
  } catch {
    throw unusable(`The file ${path} (${flag}) is not ${what}.`)
  }
}

function dayOf(text: string): string {
  return new Date(text).toISOString().slice(0, 10)
}

function unusable(message: string): OperatorError {
  return new OperatorError('CERTIFICATE_UNUSABLE', message)
}
