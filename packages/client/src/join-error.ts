/** `join` was called with options that can never work: a mistake of the app's, not of the person's. */
export class JoinError extends Error {
  readonly code = 'JOIN_SERVER'

  constructor(server: unknown) {
    super(`join needs the server's origin, like https://call.example, and got ${JSON.stringify(server)}`)
    this.name = 'JoinError'
  }
}
