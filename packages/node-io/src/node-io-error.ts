/** The literal code of a system error (`EADDRINUSE`), or an empty text for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The caller's misuse of a driver. */
export class NodeIoError extends Error {
  readonly code: 'NODE_IO_ADDRESS'

  constructor(code: NodeIoError['code'], message: string) {
    super(message)
    this.name = 'NodeIoError'
    this.code = code
  }
}
