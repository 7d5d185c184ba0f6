import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BusyCamera, busyCameraMissing } from './harness/busy-camera.ts'
import { keepScreen } from './harness/evidence.ts'
import type { Person } from './harness/person.ts'
import { Stage, useStage } from './harness/stage.ts'

const stage = useStage()
const noBusyCamera = busyCameraMissing()
if (noBusyCamera) console.warn(`skipped: ${noBusyCamera}`)
const questionsDenied = ['--use-fake-device-for-media-stream=fps=5', '--deny-permission-prompts']
const noDevices = ['--use-fake-ui-for-media-stream']
const noCamera = ['--use-fake-device-for-media-stream=fps=5,device-count=0', '--use-fake-ui-for-media-stream']

/** A call that nobody takes rings for 45 seconds: it does so beside the other tests of this file. */
const unanswered = new Stage()
let called: Person
let caller: Person

beforeAll(async () => {
  await unanswered.open()
  ;[called, caller] = await Promise.all([unanswered.arrive('Ann'), unanswered.arrive('Bob')])
  await caller.connect(await called.startCall())
  await caller.sees('heading', 'Ringing')
})

afterAll(() => unanswered.close())

describe('a device that does not start', () => {
  it('because there is none is named, and the call goes on without', async () => {
    const ann = await stage.arrive('Ann', { mediaFlags: noDevices })
    await ann.allowDevices()
    await ann.seesText('No camera and no microphone found')
    await keepScreen(ann, 'dead end - no camera and no microphone')
    const bob = await stage.arrive('Bob')
    await bob.connect(await ann.startCall())
    await ann.accept()
    await ann.isInCallWith('Bob')
  })

  it('because there is no camera is named, and the microphone is used alone', async () => {
    const ann = await stage.arrive('Ann', { mediaFlags: noCamera })
    await ann.allowDevices()
    await ann.seesText('No camera found')
    await keepScreen(ann, 'dead end - no camera')
    const bob = await stage.arrive('Bob')
    await bob.connect(await ann.startCall())
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.hears()])
  })

  it('because the person said no is explained, and the call goes on without', async () => {
    const ann = await stage.arrive('Ann', { mediaFlags: questionsDenied })
    await ann.allowDevices()
    await ann.seesText(/Your camera and microphone are blocked/)
    await keepScreen(ann, 'dead end - permission denied')
    const bob = await stage.arrive('Bob')
    await bob.connect(await ann.startCall())
    await ann.accept()
    await ann.isInCallWith('Bob')
  })

  it.skipIf(noBusyCamera)('because another program holds the camera is explained', async () => {
    const camera = new BusyCamera()
    try {
      const ann = await stage.arrive('Ann', { mediaFlags: noDevices, environment: camera.environment })
      await ann.allowDevices()
      await ann.seesText('Your camera did not start')
      await keepScreen(ann, 'dead end - camera in use')
    } finally {
      camera.remove()
    }
  })

  it('because another program held the camera is tried again, and works once it is free', async () => {
    const ann = await stage.seat('Ann')
    // A camera that is held and then let go: the words are Chromium's, as the test above sees them.
    await ann.page.addInitScript(() => {
      const devices = navigator.mediaDevices
      const ask = devices.getUserMedia.bind(devices)
      Object.assign(window, { isCameraFree: false })
      devices.getUserMedia = (constraints) =>
        constraints?.video && !Reflect.get(window, 'isCameraFree')
          ? Promise.reject(new DOMException('Could not start video source', 'NotReadableError'))
          : ask(constraints)
    })
    await ann.visit()
    await ann.allowDevices()
    await ann.seesText('Your camera did not start')
    await ann.page.evaluate(() => Object.assign(window, { isCameraFree: true }))
    await ann.press('Try again')
    await ann.page.locator('video[aria-label="Your camera"]').waitFor({ state: 'visible' })
    expect(await ann.page.getByText('Your camera did not start').count()).toBe(0)
  })
})

describe('a person who wants neither camera nor microphone', () => {
  it('goes on without being asked, and sees and hears the others all the same', async () => {
    const ann = await stage.seat('Ann', { mediaFlags: questionsDenied })
    await ann.page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => {
        document.documentElement.dataset['asked'] = 'true'
        return Promise.reject(new DOMException('', 'NotAllowedError'))
      }
    })
    await ann.visit()
    await ann.press('Go on without')
    const bob = await stage.arrive('Bob')
    await bob.connect(await ann.startCall())
    await ann.accept()
    await ann.isInCallWith('Bob')
    expect(await ann.page.evaluate(() => document.documentElement.dataset['asked'])).toBe(undefined)
  })
})

describe('a code that does not work', () => {
  it('because the server knows no such number is told', async () => {
    const ann = await stage.arrive('Ann')
    await ann.connect('987654321-canoe-velvet-maple')
    await ann.sees('heading', 'There is no such room')
    await keepScreen(ann, 'dead end - unknown code')
    await ann.press('Change the code')
    expect(await ann.codeField().inputValue()).toBe('987654321 canoe velvet maple')
  })

  it('because a word is none is told while it is typed, and mended by a press', async () => {
    const ann = await stage.arrive('Ann')
    await ann.codeField().fill('4821-canoe-velxxt-maple')
    await ann.seesText('“velxxt” is no word of a code')
    await keepScreen(ann, 'dead end - unknown word, typed')
    await ann.control('option', 'velvet').click()
    expect(await ann.codeField().inputValue()).toBe('4821-canoe-velvet-maple')
    expect(await ann.control('option', 'velvet').count()).toBe(0)
  })

  it('because it is not whole is told', async () => {
    const ann = await stage.arrive('Ann')
    await ann.press('Connect')
    await ann.seesText('Enter the code that you were sent')
    await ann.codeField().fill('4821')
    await ann.press('Connect')
    await ann.seesText('The three words after the number are missing')
    await ann.codeField().fill('canoe velvet maple')
    await ann.seesText('A code begins with its number')
  })

  it('because the link lost its end is told', async () => {
    const ann = await stage.arrive('Ann', { code: '4821' })
    await ann.seesText('This link has lost its end')
    await keepScreen(ann, 'dead end - link without its secret')
  })

  it('because a word of the link is none is told, and mended by a press', async () => {
    const ann = await stage.arrive('Ann', { code: '4821#canoe-velxxt-maple' })
    await ann.seesText('“velxxt” is no word of a code')
    await ann.control('option', 'velvet').click()
    expect(await ann.codeField().inputValue()).toBe('4821 canoe velvet maple')
  })

  it('because nobody is there any more is told, and one can wait there', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    await ann.leave()
    await bob.connect(code)
    await bob.sees('heading', 'Nobody is there')
    await keepScreen(bob, 'dead end - nobody there')
    await bob.press('Wait here')
    expect(await bob.code()).toBe(code)
    await ann.visit()
    await ann.connect(code)
    await bob.isCalledBy('Ann')
  })
})

describe('a call that is not taken', () => {
  it('because it was declined is told, and the other waits on', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.decline()
    await bob.sees('heading', 'Your call was declined')
    await keepScreen(bob, 'dead end - declined')
    await ann.sees('heading', 'Nobody here yet')
    await bob.press('Call again')
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })

  it('because nobody answers is told after a while', async () => {
    await caller.sees('heading', 'No answer', 50_000)
    await keepScreen(caller, 'dead end - no answer')
    await called.seesNo('alertdialog', 'Bob is calling')
    await called.sees('heading', 'Nobody here yet')
  })
})
