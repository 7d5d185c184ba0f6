/** The caller's misuse of this package. What was received never raises it. */
export class PairingError extends Error {
  readonly code:
    | 'PAIRING_PASSWORD'
    | 'PAIRING_MEMBER_ID'
    | 'PAIRING_BODY'
    | 'PAIRING_CLOSED'
    | 'PAIRING_UNPINNED'
    | 'PAIRING_DOOR'
    | 'PAIRING_MESSAGE'

  constructor(code: PairingError['code'], message: string) {
    super(message)
    this.name = 'PairingError'
    this.code = code
  }
}
