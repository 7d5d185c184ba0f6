/** The caller's misuse of the schema: a value that the protocol cannot carry. Never raised by what was received. */
export class SchemaError extends Error {
  readonly code = 'SIGNALING_UNENCODABLE'

  constructor(message: string) {
    super(message)
    this.name = 'SchemaError'
  }
}
