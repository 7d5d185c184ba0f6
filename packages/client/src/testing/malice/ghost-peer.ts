import type { CallWorld } from '../call-world.ts'
import { fakeCertificate } from '../fake-certificate.ts'
import type { FakeConnection } from '../fake-connection.ts'
import { type GhostMember, readMessage } from './ghost-member.ts'

/** What a ghost says first on the data channel, where it should prove that the connection is its own. */
export type GhostProof =
  | 'true'
  | 'none'
  | 'random'
  | 'empty'
  /** What the other side has said. */
  | 'reflected'
  /** A chat message. */
  | 'text'

/** A connection of a ghost that knows the code, to whoever comes. */
export class GhostPeer {
  readonly connection: FakeConnection

  constructor(world: CallWorld, member: GhostMember, proof: GhostProof) {
    const random = world.random.fork()
    const certificate = fakeCertificate(random)
    const Connection = world.network.constructorFor('Mallory')
    this.connection = new Connection({ certificates: [certificate] })
    const channel = this.connection.createDataChannel('crowfly')
    const text = JSON.stringify({ type: 'chat', id: 'a'.repeat(22), text: 'it is me' })
    member.take = (from, sealed) => {
      const message = readMessage(sealed)
      if (message?.type === 'candidates') {
        for (const candidate of message.candidates) void this.connection.addIceCandidate(candidate)
      }
      if (message?.type !== 'open') return
      const { attempt } = message
      const binding = member.pairings.get(from)?.binding
      binding?.pinPeer(message.sdp)
      channel.onopen = () => {
        if (proof === 'true') channel.send(new Uint8Array(binding?.message() ?? []))
        if (proof === 'random') channel.send(new Uint8Array(random.bytes(64)))
        if (proof === 'empty') channel.send(new Uint8Array(0))
        if (proof === 'text') channel.send(text)
      }
      channel.onmessage = ({ data }) => {
        if (proof === 'reflected' && data instanceof ArrayBuffer) channel.send(new Uint8Array(data))
      }
      this.connection.onicecandidate = ({ candidate }) => {
        if (candidate === null) return
        const { sdpMid, sdpMLineIndex, usernameFragment } = candidate
        const found = {
          ...{ candidate: candidate.candidate, sdpMid: sdpMid ?? '', sdpMLineIndex: sdpMLineIndex ?? 0 },
          usernameFragment: usernameFragment ?? '',
        }
        member.say(from, { type: 'candidates', attempt, candidates: [found] }, 'candidates')
        world.place.host?.settle()
      }
      void this.#answer(message.sdp, (sdp) => {
        binding?.pinOwn(sdp)
        member.say(from, { type: 'reply', attempt, name: 'Mallory', pass: new Uint8Array(0), sdp }, 'answer')
        world.place.host?.settle()
      })
    }
  }

  async #answer(offer: string, say: (sdp: string) => void): Promise<void> {
    await this.connection.setRemoteDescription({ type: 'offer', sdp: offer })
    await this.connection.setLocalDescription()
    say(this.connection.localDescription?.sdp ?? '')
  }
}
