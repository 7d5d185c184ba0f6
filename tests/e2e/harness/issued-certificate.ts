import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why there can be no certificate here, and the command that helps; null when there can be one. */
export function issuedCertificateMissing(): string | null {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return null
  } catch {
    return 'a certificate by an authority needs OpenSSL: apt-get install openssl'
  }
}

/** A certificate for this machine's loopback and further names and addresses as an authority issues it, though one that no browser knows. */
export class IssuedCertificate {
  readonly #folder = mkdtempSync(join(tmpdir(), 'crowfly-certificate-'))
  readonly cert = join(this.#folder, 'cert.pem')
  readonly key = join(this.#folder, 'key.pem')

  constructor(...hosts: string[]) {
    const file = (name: string) => join(this.#folder, name)
    const make = (subject: string, key: string, ...more: string[]) => {
      const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key]
      execFileSync('openssl', ['req', ...newKey, '-subj', subject, ...more], { stdio: 'ignore' })
    }
    make('/CN=An authority', file('ca-key.pem'), '-x509', '-days', '30', '-out', file('ca.pem'))
    make('/CN=A server', this.key, '-out', file('request.pem'))
    const names = ['localhost', '127.0.0.1', '::1', ...hosts].map(
      (host) => `${isIP(host) ? 'IP' : 'DNS'}:${host}`,
    )
    writeFileSync(file('names'), `subjectAltName=${names.join()}\n`)
    const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem'), '-CAcreateserial']
    const request = ['-req', '-in', file('request.pem'), '-days', '30', '-extfile', file('names')]
    execFileSync('openssl', ['x509', ...request, ...authority, '-out', this.cert], { stdio: 'ignore' })
  }

  /** What `crowfly` is given it by. */
  get flags(): readonly string[] {
    return ['--cert', this.cert, '--key', this.key]
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
