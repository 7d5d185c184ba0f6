/** The caller's misuse of a driver. */
export class NodeIoError extends Error {
  readonly code: 'NODE_IO_ADDRESS'

  constructor(code: NodeIoError['code'], message: string) {
    super(message)
    this.name = 'NodeIoError'
    this.code = code
  }
}
