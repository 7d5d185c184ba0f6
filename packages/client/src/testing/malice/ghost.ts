import { encodeBase64url } from '@crowfly/bytes'
import type { ClientMessage, ServerMessage } from '@crowfly/signaling/wire'
import type { SeededRandom } from '@crowfly/testkit'
import type { MemberId } from '../../snapshot.ts'
import type { MaliciousServer } from './malicious-server.ts'
import type { Told } from './misconduct.ts'
import type { Voice } from './voice.ts'

/** Somebody whom the server has made up: in the room as everybody else is, with the server's own hands. */
export class Ghost implements Voice {
  readonly octets: Uint8Array
  readonly id: MemberId
  readonly #server: MaliciousServer
  /** Called with whatever the ghost is told. */
  listen: (message: ServerMessage) => void = () => {}

  constructor(server: MaliciousServer, random: SeededRandom) {
    this.#server = server
    this.octets = random.bytes(16)
    this.id = encodeBase64url(this.octets)
  }

  hear(message: ServerMessage): void {
    this.listen(message)
  }

  /** Does as a client would. */
  act(message: ClientMessage): void {
    this.#server.act(this, message)
  }

  enter(nameplate: string): void {
    const { id: memberId } = this
    this.act({ type: 'join', nameplate, memberId, ordinal: 0, token: new Uint8Array(0), ifEmpty: 'wait' })
  }

  send(to: MemberId, envelope: Uint8Array): void {
    this.act({ type: 'send', to, envelope })
  }

  later(delayMs: number, run: () => void): void {
    this.#server.after(delayMs, run)
  }
}

/** The envelope that a ghost was sent, if that is what it hears. */
export function envelopeOf(message: ServerMessage): Told<'envelope'> | undefined {
  return message.type === 'envelope' ? message : undefined
}
