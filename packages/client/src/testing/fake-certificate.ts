import type { SeededRandom } from '@crowfly/testkit'

/** A certificate of which nothing but the fingerprint is looked at. */
export function fakeCertificate(random: SeededRandom): RTCCertificate {
  const value = Array.from(random.bytes(32), (octet) => octet.toString(16).padStart(2, '0')).join(':')
  return { expires: Infinity, getFingerprints: () => [{ algorithm: 'sha-256', value }] }
}
