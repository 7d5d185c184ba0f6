import { expect, test } from 'vitest'
import { CallWorld, type FakePage } from './testing/call-world.ts'

/** What a page really sends, by the order of the layout: microphone, camera, screen. */
function sent(world: CallWorld, page: FakePage): readonly (MediaStreamTrack | null)[] {
  const [connection] = world.network.on(page.name)
  return connection?.getTransceivers().map(({ sender }) => sender.track) ?? []
}

test('what is on at the start is sent by both sides, each in its place', async () => {
  const world = new CallWorld()
  const { page: ann, code } = await world.host('Ann')
  await ann.media.start({ camera: true, microphone: true })
  const bob = world.join('Bob', code)
  await bob.media.setCamera(true)
  await world.until(() => ann.snapshot.callers.length === 1)
  ann.call.accept(bob.snapshot.selfId ?? '')
  await world.until(() => ann.connected.length === 1 && bob.connected.length === 1)
  for (const page of [ann, bob]) {
    const { microphoneTrack, cameraTrack } = page.media.getSnapshot()
    expect(sent(world, page)).toEqual([microphoneTrack, cameraTrack, null])
  }
})

test('media comes and goes without a new negotiation, and the other side is told', async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  const [connection] = world.network.on('Ann')
  const description = connection?.localDescription?.sdp
  await host.media.start({ camera: true, microphone: true })
  await host.media.startScreen()
  await world.until(() => caller.snapshot.peers[0]?.media.screen === 'on')
  expect(caller.snapshot.peers[0]?.media).toEqual({ microphone: 'on', camera: 'on', screen: 'on' })
  const { microphoneTrack, cameraTrack, screenTrack } = host.media.getSnapshot()
  expect(sent(world, host)).toEqual([microphoneTrack, cameraTrack, screenTrack])
  await host.media.setMicrophone(false)
  await host.media.setCamera(false)
  host.media.stopScreen()
  await world.until(() => caller.snapshot.peers[0]?.media.screen === 'off')
  expect(caller.snapshot.peers[0]?.media).toEqual({ microphone: 'muted', camera: 'off', screen: 'off' })
  expect(sent(world, host)).toEqual([microphoneTrack, null, null])
  expect(connection?.localDescription?.sdp).toBe(description)
})

test('switching quickly ends with the last device', async () => {
  const world = new CallWorld()
  const { host } = await world.pair()
  for (const isOn of [true, false, true, false, true]) await host.media.setCamera(isOn)
  await world.advance(100)
  expect(sent(world, host)[1]).toBe(host.media.getSnapshot().cameraTrack)
  expect(sent(world, host)[1]).not.toBeNull()
})

test("a peer's streams stay the same objects, each with its one track", async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  const before = caller.snapshot.peers[0]
  await host.media.start({ camera: true, microphone: true })
  world.network.roam('Ann')
  await world.advance(20_000)
  const after = caller.snapshot.peers[0]
  expect(after?.connection).toBe('connected')
  for (const stream of ['audio', 'camera', 'screen'] as const) {
    expect(after?.[stream]).toBe(before?.[stream])
    expect(after?.[stream].getTracks()).toHaveLength(1)
  }
})

test('the path of a connection is measured and shown', async () => {
  const world = new CallWorld()
  const { host } = await world.pair()
  await world.until(() => host.snapshot.peers[0]?.path !== null, 5_000)
  expect(host.snapshot.peers[0]?.path).toEqual({ kind: 'direct', rttMs: 20, isLocal: false })
})

test('a text reaches everyone once, and stands in the own chat', async () => {
  const world = new CallWorld()
  const { host, caller, code } = await world.pair()
  const cat = world.join('Cat', code)
  await world.until(() => cat.connected.length === 2)
  await world.advance(500)
  expect(host.call.sendChat('hello')).toBe(true)
  await world.until(() => caller.snapshot.chat.length === 1 && cat.snapshot.chat.length === 1)
  const message = { name: 'Ann', text: 'hello' }
  expect(caller.snapshot.chat).toMatchObject([{ ...message, from: host.snapshot.selfId }])
  expect(host.snapshot.chat).toMatchObject([{ ...message, from: 'me' }])
  expect(caller.snapshot.chat[0]?.id).toBe(cat.snapshot.chat[0]?.id)
})

test('a text sent before the channel is open arrives when it is', async () => {
  const world = new CallWorld()
  const { page: ann, code } = await world.host('Ann')
  const bob = world.join('Bob', code)
  await world.until(() => ann.snapshot.callers.length === 1)
  ann.call.accept(bob.snapshot.selfId ?? '')
  expect(ann.connected).toEqual([])
  expect(ann.call.sendChat('early')).toBe(true)
  await world.until(() => bob.snapshot.chat.length === 1)
})

test('a text is refused when it is too long, empty, or for nobody', async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  expect(host.call.sendChat('')).toBe(false)
  expect(host.call.sendChat('x'.repeat(4_001))).toBe(false)
  expect(host.call.sendChat('x'.repeat(4_000))).toBe(true)
  caller.call.leave()
  await world.until(() => host.phase === 'waiting')
  expect(host.call.sendChat('anyone')).toBe(false)
  expect(host.snapshot.chat).toHaveLength(1)
})

test('the chat keeps the newest five hundred', async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  await world.advance(500)
  for (let count = 1; count <= 510; count++) host.call.sendChat(`text ${count}`)
  await world.until(() => caller.snapshot.chat.at(-1)?.text === 'text 510')
  for (const { snapshot } of [host, caller]) {
    expect(snapshot.chat).toHaveLength(500)
    expect(snapshot.chat[0]?.text).toBe('text 11')
  }
})

test('garbage on the data channel is counted and changes nothing', async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  const [connection] = world.network.on('Bob')
  const before = host.snapshot
  for (const text of ['', '{', 'null', '[]', '{"type":"chat","id":"x","text":"hi"}', '{"type":3}']) {
    connection?.channel?.send(text)
  }
  await world.until(() => host.call.failures === 6)
  expect(host.snapshot.chat).toBe(before.chat)
  // A type of a later version is no garbage.
  connection?.channel?.send('{"type":"file","size":3}')
  await world.advance(500)
  expect(host.call.failures).toBe(6)
  expect(caller.connected).toEqual(['Ann'])
})

test('a new name is seen by the others', async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  await world.advance(500)
  host.call.setName('A'.repeat(70))
  await world.until(() => caller.snapshot.peers[0]?.name === 'A'.repeat(64))
})

test('a snapshot is the same object until something changes', async () => {
  const world = new CallWorld()
  const { host } = await world.pair()
  await world.advance(3_000)
  const before = host.snapshot
  await world.advance(20_000)
  expect(host.snapshot).toBe(before)
})

test('a code under which nobody ever was ends the call', async () => {
  const world = new CallWorld()
  const page = world.join('Bob', world.unknownCode())
  await world.until(() => page.phase === 'ended')
  expect(page.status).toEqual({ phase: 'ended', reason: 'unknownCode' })
})

test('after the end nothing is left running', async () => {
  const world = new CallWorld()
  const { host, caller } = await world.pair()
  caller.call.leave()
  host.call.leave()
  await world.advance(60_000)
  expect(world.network.on('Ann')).toHaveLength(0)
  expect(world.network.on('Bob')).toHaveLength(0)
  expect(world.place.host?.openPaths).toEqual([])
})

test('the camera shrinks as people come, for everybody alike, and grows again as they leave', async () => {
  const world = new CallWorld()
  const { host, caller, code } = await world.pair()
  const scales = (page: FakePage) =>
    world.network
      .on(page.name)
      .filter((connection) => connection.connectionState === 'connected')
      .map((connection) => connection.getTransceivers()[1]?.sender.getParameters().encodings[0])
      .map((encoding) => encoding?.scaleResolutionDownBy ?? 1)
  expect(scales(host)).toEqual([1])
  const cat = world.join('Cat', code)
  await world.until(() => [host, caller, cat].every((page) => page.connected.length === 2))
  await world.until(() => [host, caller, cat].every((page) => scales(page).join() === '1.5,1.5'))
  cat.call.leave()
  await world.until(() => scales(host).join() === '1' && scales(caller).join() === '1')
})
