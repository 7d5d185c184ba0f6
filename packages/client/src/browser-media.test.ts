import { beforeEach, describe, expect, test } from 'vitest'
import { BrowserMedia } from './browser-media.ts'
import { FakeStorage } from './testing/call-world.ts'
import { settle } from './testing/fake-clock.ts'
import { exactId, FakeDevices, platformOf, type Question } from './testing/fake-devices.ts'

let devices: FakeDevices
let media: BrowserMedia

beforeEach(async () => {
  devices = new FakeDevices()
  media = new BrowserMedia(platformOf(devices))
  await settle()
})

/** The newest question, which has been put by now. */
async function question(number: number): Promise<Question> {
  await settle()
  expect(devices.questions).toHaveLength(number)
  const newest = devices.questions.at(-1)
  if (newest === undefined) throw new RangeError('no question')
  return newest
}

async function startBoth(): Promise<void> {
  const started = media.start({ camera: true, microphone: true })
  ;(await question(1)).allow()
  await started
}

describe('starting', () => {
  test('camera and microphone are asked for in one question', async () => {
    const started = media.start({ camera: true, microphone: true })
    const asked = await question(1)
    expect(asked.constraints).toMatchObject({
      audio: { echoCancellation: true },
      video: { width: { ideal: 1280 } },
    })
    expect(media.getSnapshot()).toMatchObject({
      camera: { state: 'starting' },
      microphone: { state: 'starting' },
    })
    const [audio, video] = asked.allow()
    await started
    expect(media.getSnapshot()).toMatchObject({ camera: { state: 'on' }, microphone: { state: 'on' } })
    expect(media.getSnapshot().microphoneTrack).toBe(audio)
    expect(media.getSnapshot().cameraTrack).toBe(video)
  })

  test('two wishes of one moment make one question', async () => {
    void media.setCamera(true)
    void media.setMicrophone(true)
    const asked = await question(1)
    expect(Object.keys(asked.constraints).sort()).toEqual(['audio', 'video'])
  })

  test('when the pair is refused each is asked for alone', async () => {
    const started = media.start({ camera: true, microphone: true })
    ;(await question(1)).refuse('NotFoundError')
    ;(await question(2)).refuse('NotFoundError')
    const alone = await question(3)
    expect(alone.constraints).not.toHaveProperty('video')
    alone.allow()
    await started
    expect(media.getSnapshot()).toMatchObject({
      camera: { state: 'failed', problem: 'notFound' },
      microphone: { state: 'on' },
    })
  })

  test.for([
    ['NotAllowedError', 'Permission denied', 'denied'],
    ['NotAllowedError', 'Permission dismissed', 'dismissed'],
    ['NotFoundError', '', 'notFound'],
    ['OverconstrainedError', '', 'notFound'],
    ['NotReadableError', '', 'inUse'],
    ['AbortError', 'Starting videoinput failed', 'inUse'],
    ['SecurityError', '', 'denied'],
    ['TypeError', '', 'unsupported'],
  ] as const)('%s "%s" means %s', async ([name, message, problem]) => {
    const started = media.setCamera(true)
    ;(await question(1)).refuse(name, message)
    await started
    expect(media.getSnapshot().camera).toEqual({ state: 'failed', problem })
    // And it can be tried again.
    const again = media.setCamera(true)
    ;(await question(2)).allow()
    await again
    expect(media.getSnapshot().camera).toEqual({ state: 'on' })
  })

  test.for([
    [false, 'insecureContext'],
    [true, 'unsupported'],
  ] as const)(
    'without media devices in a page that is secure: %s it is %s',
    async ([isSecureContext, problem]) => {
      const bare = new BrowserMedia(platformOf(devices, { devices: null, isSecureContext }))
      await bare.start({ camera: true, microphone: true })
      expect(bare.getSnapshot().camera).toEqual({ state: 'failed', problem })
      await bare.startScreen()
      expect(bare.getSnapshot().screen).toEqual({ state: 'failed', problem: 'unsupported' })
      expect(bare.getSnapshot().canShareScreen).toBe(false)
    },
  )
})

describe('switching', () => {
  test('camera off stops the device, and on asks anew', async () => {
    await startBoth()
    await media.setCamera(false)
    expect(devices.live.map((track) => track.kind)).toEqual(['audio'])
    expect(media.getSnapshot().camera).toEqual({ state: 'off' })
    const on = media.setCamera(true)
    ;(await question(2)).allow()
    await on
    expect(devices.live).toHaveLength(2)
  })

  test('muting keeps the device and sends silence', async () => {
    await startBoth()
    const track = media.getSnapshot().microphoneTrack
    await media.setMicrophone(false)
    expect(media.getSnapshot().microphone).toEqual({ state: 'muted' })
    expect([track?.enabled, track?.readyState]).toEqual([false, 'live'])
    await media.setMicrophone(true)
    expect([media.getSnapshot().microphoneTrack, track?.enabled]).toEqual([track, true])
    expect(devices.questions).toHaveLength(1)
  })

  test('muted while the device starts, it comes up muted', async () => {
    const started = media.setMicrophone(true)
    const asked = await question(1)
    void media.setMicrophone(false)
    asked.allow()
    await started
    expect(media.getSnapshot().microphone).toEqual({ state: 'muted' })
    expect(media.getSnapshot().microphoneTrack?.enabled).toBe(false)
  })

  test('switched off while the browser still asks, nothing stays on', async () => {
    const started = media.setCamera(true)
    const asked = await question(1)
    const off = media.setCamera(false)
    expect(media.getSnapshot().camera).toEqual({ state: 'off' })
    asked.allow()
    await Promise.all([started, off])
    expect(devices.live).toEqual([])
    expect(media.getSnapshot().cameraTrack).toBe(null)
  })

  test('on, off and on again in one breath ends on, with one device', async () => {
    const wishes = [media.setCamera(true), media.setCamera(false), media.setCamera(true)]
    ;(await question(1)).allow()
    await Promise.all(wishes)
    expect(media.getSnapshot().camera).toEqual({ state: 'on' })
    expect(devices.live).toHaveLength(1)
  })

  test('a refusal that comes after switching off is no failure', async () => {
    const started = media.setCamera(true)
    const asked = await question(1)
    void media.setCamera(false)
    asked.refuse('NotAllowedError')
    await started
    expect(media.getSnapshot().camera).toEqual({ state: 'off' })
  })
})

describe('devices', () => {
  test('are listed with the names that the browser gives, or with numbers', () => {
    expect(media.getSnapshot()).toMatchObject({
      microphones: [{ deviceId: 'mic-1', label: 'Desk microphone' }],
      cameras: [
        { deviceId: 'cam-1', label: 'Camera 1' },
        { deviceId: 'cam-2', label: 'Camera 2' },
      ],
      speakers: [{ deviceId: 'speaker-1', label: 'Speaker' }],
    })
  })

  test('that the browser withholds are not listed, and a list that changes is followed', async () => {
    devices.change([{ kind: 'videoinput', deviceId: '', label: '' }])
    await settle()
    expect(media.getSnapshot().cameras).toEqual([])
  })

  test('in use are changed at once, the old one first let go', async () => {
    await startBoth()
    const chosen = media.selectCamera('cam-2')
    const asked = await question(2)
    expect(exactId(typeof asked.constraints.video === 'object' ? asked.constraints.video : undefined)).toBe(
      'cam-2',
    )
    expect(devices.live.map((track) => track.kind)).toEqual(['audio'])
    asked.allow()
    await chosen
    expect(media.getSnapshot().cameraId).toBe('cam-2')
  })

  test('not in use are remembered, also for the next visit', async () => {
    const storage = new FakeStorage()
    const first = new BrowserMedia(platformOf(devices, { storage }))
    await first.selectCamera('cam-2')
    first.selectSpeaker('speaker-1')
    expect(devices.questions).toHaveLength(0)
    const second = new BrowserMedia(platformOf(devices, { storage }))
    expect(second.getSnapshot()).toMatchObject({ cameraId: 'cam-2', speakerId: 'speaker-1' })
    void second.setCamera(true)
    const { video } = (await question(1)).constraints
    expect(exactId(video)).toBe('cam-2')
  })

  test('that have gone since are replaced by any', async () => {
    await media.selectCamera('cam-9')
    const started = media.setCamera(true)
    ;(await question(1)).refuse('OverconstrainedError')
    const any = await question(2)
    expect(exactId(any.constraints.video)).toBe(null)
    any.allow()
    await started
    expect(media.getSnapshot()).toMatchObject({ camera: { state: 'on' }, cameraId: 'cam-1' })
  })

  test('that are unplugged are said to have ended', async () => {
    await startBoth()
    devices.tracks[1]?.unplug()
    expect(media.getSnapshot()).toMatchObject({
      camera: { state: 'failed', problem: 'ended' },
      cameraTrack: null,
      microphone: { state: 'on' },
    })
  })

  test('remembered as nonsense are forgotten', () => {
    const storage = new FakeStorage()
    for (const text of ['{', '3', 'null', '{"camera":7}']) {
      storage.setItem('crowfly.devices', text)
      expect(new BrowserMedia(platformOf(devices, { storage })).getSnapshot().cameraId).toBe(null)
    }
  })
})

describe('the screen', () => {
  test('is asked for once, is meant for text, and ends by its own button', async () => {
    void media.startScreen()
    const started = media.startScreen()
    await settle()
    expect(devices.screenQuestions).toHaveLength(1)
    const [track] = devices.screenQuestions[0]?.allow() ?? []
    await started
    expect(media.getSnapshot()).toMatchObject({ screen: { state: 'on' }, screenTrack: track })
    expect(track?.contentHint).toBe('detail')
    track?.unplug()
    expect(media.getSnapshot()).toMatchObject({ screen: { state: 'off' }, screenTrack: null })
  })

  test('whose picker was closed is dismissed, forbidden by the system denied', async () => {
    for (const [message, problem] of [
      ['Permission denied by user', 'dismissed'],
      ['Permission denied by system', 'denied'],
    ] as const) {
      const started = media.startScreen()
      await settle()
      devices.screenQuestions.at(-1)?.refuse('NotAllowedError', message)
      await started
      expect(media.getSnapshot().screen).toEqual({ state: 'failed', problem })
    }
  })

  test('stopped while the picker is open is not shared', async () => {
    const started = media.startScreen()
    await settle()
    media.stopScreen()
    devices.screenQuestions[0]?.allow()
    await started
    expect(devices.live).toEqual([])
    expect(media.getSnapshot().screen).toEqual({ state: 'off' })
  })
})

test('closing stops everything, whatever was still being asked', async () => {
  await startBoth()
  const screen = media.startScreen()
  await settle()
  media.close()
  devices.screenQuestions[0]?.allow()
  await screen
  await media.start({ camera: true, microphone: true })
  expect(devices.live).toEqual([])
  expect(devices.listeners).toBe(0)
  expect(devices.questions).toHaveLength(1)
})
