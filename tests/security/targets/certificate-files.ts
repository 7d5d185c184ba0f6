import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate for whom nobody vouches, and its key, in files; made by OpenSSL. */
export class CertificateFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'crowfly-security-'))
  readonly cert = join(this.#folder, 'cert.pem')
  readonly key = join(this.#folder, 'key.pem')

  /** Makes one; undefined where there is no OpenSSL. */
  static make(): CertificateFiles | undefined {
    const files = new CertificateFiles()
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.key]
    const certificate = ['-x509', '-days', '30', '-subj', '/CN=localhost', '-out', files.cert]
    try {
      execFileSync('openssl', ['req', ...newKey, ...certificate], { stdio: 'ignore' })
      return files
    } catch {
      files.remove()
      return undefined
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
