/** The caller's misuse of a `MemberSession`. */
export class MemberSessionError extends Error {
  readonly code: 'MEMBER_SESSION_REUSED' | 'MEMBER_SESSION_NAMEPLATE'

  constructor(code: MemberSessionError['code'], message: string) {
    super(message)
    this.name = 'MemberSessionError'
    this.code = code
  }
}
