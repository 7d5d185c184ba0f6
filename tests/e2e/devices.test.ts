import { describe, expect, it } from 'vitest'
import type { Person } from './harness/person.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()
// The second and third of Chromium's fake cameras have formats that few real ones have.
const manyCameras = [
  '--use-fake-device-for-media-stream=fps=5,device-count=4',
  '--use-fake-ui-for-media-stream',
]

/** The devices that a page sends from. */
function sentDevices(person: Person): Promise<string[]> {
  return person.page.evaluate(() =>
    (window.madePeerConnections ?? []).flatMap((connection) =>
      connection.getSenders().flatMap(({ track }) => (track ? [`${track.kind}: ${track.label}`] : [])),
    ),
  )
}

describe('camera, microphone and screen in a call', () => {
  it('show and silence a muted microphone at the other side', async () => {
    const { ann, bob } = await stage.annAndBob()
    await ann.press('Mute microphone')
    await bob.sees('img', 'Ann is muted')
    await bob.hearsSilence()
    await ann.press('Unmute microphone')
    await bob.seesNo('img', 'Ann is muted')
    await bob.hears()
  })

  it('take the picture away while the camera is off, and bring it back', async () => {
    const { ann, bob } = await stage.annAndBob()
    await ann.press('Turn camera off')
    await bob.seesNoPictureOf('Ann')
    await ann.press('Turn camera on')
    await bob.seesVideoOf('Ann')
    await bob.hears()
  })

  it('change over to another camera and microphone without the other side losing anything', async () => {
    const { ann, bob } = await stage.annAndBob({ mediaFlags: manyCameras })
    const before = await sentDevices(ann)
    await ann.openDevices()
    await ann.choose('Camera', 'fake_device_3')
    await ann.choose('Microphone', 'Fake Audio Input 1')
    await until('Ann sends from the other devices', async () => {
      const now = await sentDevices(ann)
      return now.includes('video: fake_device_3') && now.includes('audio: Fake Audio Input 1')
    })
    expect(before).toContain('video: fake_device_0')
    await bob.isInCallWith('Ann')
  })

  it('are chosen before the call too, and the choice is sent', async () => {
    const [ann, bob] = await Promise.all([
      stage.arrive('Ann', { mediaFlags: manyCameras }),
      stage.arrive('Bob'),
    ])
    await ann.allowDevices()
    await ann.choose('Camera', 'fake_device_3')
    await bob.connect(await ann.startCall())
    await ann.accept()
    await bob.isInCallWith('Ann')
    expect(await sentDevices(ann)).toContain('video: fake_device_3')
  })

  it('share a screen beside the camera, and stop', async () => {
    const { ann, bob } = await stage.annAndBob()
    await ann.press('Share screen')
    await bob.seesVideoOf("Ann's screen")
    await bob.seesVideoOf('Ann')
    await ann.press('Stop sharing')
    await bob.page.locator('video[aria-label="Ann\'s screen"]').waitFor({ state: 'hidden' })
    await bob.seesVideoOf('Ann')
  })

  it('are given back when the call is left', async () => {
    const { ann } = await stage.annAndBob()
    await ann.leave()
    await ann.sees('heading', 'You left the call')
    await until('every track has ended', () =>
      ann.page.evaluate(() =>
        [...document.querySelectorAll('video')].every((video) => video.srcObject === null),
      ),
    )
  })
})
