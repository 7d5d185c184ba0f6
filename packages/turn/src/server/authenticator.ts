import type { Crypto, Millis, PathId } from '@crowfly/sansio'
import {
  AttributeType,
  agreedPasswordAlgorithm,
  decodeNonce,
  decodeNonceCookie,
  decodeRealm,
  decodeUsername,
  deriveLongTermKey,
  hasIntegrity,
  type IntegrityAlgorithm,
  integrityAlgorithmOf,
  type PasswordAlgorithm,
  PasswordAlgorithmNumber,
  SecurityFeature,
  type StunMessage,
} from '@crowfly/stun'
import type { NonceMint } from './nonce-mint.ts'
import type { TurnAccount, TurnAccounts } from './turn-account.ts'

const NONE = new Uint8Array(0)

/** What PASSWORD-ALGORITHMS offers, with each nonce the same. */
export const OFFERED_ALGORITHMS: readonly PasswordAlgorithm[] = [
  { number: PasswordAlgorithmNumber.SHA256, parameters: NONE },
  { number: PasswordAlgorithmNumber.MD5, parameters: NONE },
]

/** Who sent a request, and how the response is to be protected. */
export interface Credentials {
  readonly username: string
  readonly account: TurnAccount
  readonly key: Uint8Array
  /** The integrity attribute of the response. */
  readonly integrity: IntegrityAlgorithm
}

/** What an `Authenticator` is made of. */
export interface AuthenticatorOptions {
  crypto: Crypto
  realm: string
  accounts: TurnAccounts
  nonces: NonceMint
}

/** The server's side of the long-term credential mechanism. RFC 8489 §9.2.4. */
export class Authenticator {
  readonly #options: AuthenticatorOptions

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  // RFC 8489 §9.2.4, the checks in its order.
  /** Who sent the request, or the error code to refuse it with. */
  authenticate(request: StunMessage, path: PathId, now: Millis): Credentials | 400 | 401 | 438 {
    if (integrityAlgorithmOf(request) === undefined) return 401
    const username = decodeUsername(request)
    const nonce = decodeNonce(request)
    const hasUser = username !== undefined || request.has(AttributeType.USERHASH)
    if (!hasUser || nonce === undefined || decodeRealm(request) === undefined) return 400
    const passwordAlgorithm = passwordAlgorithmOf(request, nonce)
    if (passwordAlgorithm === undefined) return 400
    // USERHASH alone is nobody's name: no nonce of ours says that this server knows user names by their hashes.
    const account = username === undefined ? undefined : this.#options.accounts.find(username)
    if (username === undefined || account === undefined) return 401
    const { realm, crypto, nonces } = this.#options
    const credential = { username, realm, password: account.password }
    const key = deriveLongTermKey(credential, passwordAlgorithm.number, crypto)
    if (key === undefined || !hasIntegrity(request, key, crypto)) return 401
    if (!nonces.isFresh(nonce, path, now)) return 438
    return { username, account, key, integrity: responseIntegrity(request) }
  }
}

// RFC 8489 §9.2.4: by whether the request has PASSWORD-ALGORITHMS, not by what protects it.
function responseIntegrity(request: StunMessage): IntegrityAlgorithm {
  return request.has(AttributeType.PASSWORD_ALGORITHMS) ? 'sha256' : 'sha1'
}

/** How the key is made of the password; undefined when the request does not say what the server had offered. */
function passwordAlgorithmOf(request: StunMessage, nonce: string): PasswordAlgorithm | undefined {
  const features = decodeNonceCookie(nonce) ?? 0
  if ((features & SecurityFeature.PASSWORD_ALGORITHMS) !== 0) {
    return agreedPasswordAlgorithm(request, OFFERED_ALGORITHMS)
  }
  return { number: PasswordAlgorithmNumber.MD5, parameters: NONE }
}
