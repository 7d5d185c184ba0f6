/** Octets of the digests of the hash functions that are good enough. */
const digestBytes = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
])

/** `sha-256 AB:CD:…`: the hash function in lower case, the digest of a certificate in upper case. */
export type Fingerprint = `sha-${256 | 384 | 512} ${string}`

/** Why a session description is refused. */
export type FingerprintProblem =
  /** It names no certificate: anybody's would do. */
  | 'missingFingerprint'
  /** It names one by a hash function other than SHA-256, SHA-384 and SHA-512. */
  | 'weakFingerprint'
  | 'malformedFingerprint'
  /** It names several. */
  | 'severalFingerprints'
  /** It names another than the pairing's descriptions before it. */
  | 'changedFingerprint'

// RFC 8122 §5: `a=fingerprint:<hash-func> <fingerprint>`, for the session or for a media section.
/** The one certificate that a session description names. */
export function parseFingerprint(
  sdp: string,
): { fingerprint: Fingerprint } | { problem: FingerprintProblem } {
  const found = new Set<Fingerprint>()
  for (const [, value = ''] of sdp.matchAll(/^a=fingerprint:(.*?)\r?$/gim)) {
    const [hash = '', digest = '', ...more] = value.trim().split(/\s+/)
    const length = digestBytes.get(hash.toLowerCase())
    if (length === undefined) return { problem: 'weakFingerprint' }
    const isWhole = /^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(digest) && digest.length === 3 * length - 1
    if (!isWhole || more.length > 0) return { problem: 'malformedFingerprint' }
    found.add(`${hash.toLowerCase()} ${digest.toUpperCase()}` as Fingerprint)
  }
  const [fingerprint, another] = found
  if (fingerprint === undefined) return { problem: 'missingFingerprint' }
  return another === undefined ? { fingerprint } : { problem: 'severalFingerprints' }
}
