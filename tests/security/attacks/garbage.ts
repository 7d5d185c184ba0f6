import { randomBytes, randomInt } from 'node:crypto'
import { TurnMethod } from '@crowfly/turn'
import type { Attack } from '../attack.ts'
import { buildMessage, writeUdp } from '../client/messages.ts'
import { pause } from '../pause.ts'

const AT_ONCE = 64

/** Random bytes, random bytes behind a STUN header, or a good message with some of its bytes changed. */
function garbage(base: Uint8Array): Uint8Array {
  const kind = randomInt(4)
  if (kind === 0) return randomBytes(randomInt(1500))
  if (kind === 1) return Buffer.concat([base.subarray(0, 20), randomBytes(randomInt(400))])
  const bytes = base.slice(0, kind === 2 ? base.length : randomInt(base.length))
  for (let changes = randomInt(1, 6); changes > 0 && bytes.length > 0; changes--) {
    bytes[randomInt(bytes.length)] = randomInt(256)
  }
  return bytes
}

const datagrams: Attack = {
  name: 'garbage datagrams',
  async run(arena, evidence) {
    const client = await arena.client()
    await client.request(TurnMethod.REFRESH)
    const bases = [
      buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp),
      client.build(TurnMethod.ALLOCATE, writeUdp),
      client.build(TurnMethod.CREATE_PERMISSION),
    ]
    const wires = await Promise.all(Array.from({ length: 8 }, () => arena.client()))
    const count = arena.isShort ? 20_000 : 1_000_000
    for (let sent = 0; sent < count; sent++) {
      const base = bases[sent % bases.length]
      if (base !== undefined) wires[sent % wires.length]?.wire.send(garbage(base))
      if (sent % AT_ONCE === AT_ONCE - 1) await pause(2)
    }
    const after = await arena.client()
    const { outcome } = await after.allocate()
    evidence.must(outcome === 'success', `an allocation afterwards: ${outcome}`)
    evidence.note(
      `${count} sent, ${wires.reduce((sum, { received }) => sum + received.messages, 0)} answered`,
    )
  },
}

const onAllocation: Attack = {
  name: 'garbage on a live allocation’s own 5-tuple',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const { peer } = await arena.goodPeer()
    await client.permit(peer)
    await client.bind(0x4000, peer)
    const base = client.build(TurnMethod.CREATE_PERMISSION)
    const count = arena.isShort ? 2000 : 100_000
    for (let sent = 0; sent < count; sent++) {
      const bytes = garbage(base)
      // A request to end it can not come about by chance: it would need the integrity.
      client.wire.send(bytes)
      if (sent % AT_ONCE === AT_ONCE - 1) await pause(2)
    }
    const { outcome } = await client.refresh()
    evidence.must(outcome === 'success', `its refresh: ${outcome}`)
  },
}

export const garbageAttacks: readonly Attack[] = [datagrams, onAllocation]
