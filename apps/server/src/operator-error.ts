/** What went wrong at the start, as the README lists it. */
export type OperatorErrorCode =
  | 'ADDRESS_NOT_AVAILABLE'
  | 'CERTIFICATE_UNUSABLE'
  | 'FLAG_REFUSED'
  | 'PORT_NOT_PERMITTED'
  | 'PORT_TAKEN'
  | 'STATE_FOLDER_UNUSABLE'

/**
 * Something that whoever runs the server can put right. The message is whole sentences that say what is wrong and
 * what to do; it is shown without a stack trace, and the process ends with `exitCode`.
 */
export class OperatorError extends Error {
  readonly code: OperatorErrorCode

  constructor(code: OperatorErrorCode, message: string) {
    super(message)
    this.name = 'OperatorError'
    this.code = code
  }

  /** 2 for a command line that cannot be understood, else 1. */
  get exitCode(): 1 | 2 {
    return this.code === 'FLAG_REFUSED' ? 2 : 1
  }
}

/** Throws `FLAG_REFUSED`: `flag` cannot be `text`, and `remedy` says in whole sentences what to give. */
export function refuseFlag(flag: string, text: string, remedy: string): never {
  throw new OperatorError('FLAG_REFUSED', `${flag} cannot be "${text}". ${remedy}`)
}

/** The literal code of a system error (`EADDRINUSE`), or an empty text for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** An error's message, for the end of a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
