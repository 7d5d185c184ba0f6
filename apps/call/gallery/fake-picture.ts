import { drawPortrait, type Look } from './portrait.ts'

/** A size in pixels of the picture. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

function canvasOf({ width, height }: PictureSize): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d')
  if (pen === null) throw new TypeError('The gallery needs a 2D canvas.')
  return pen
}

/** A moving picture of a drawn person. */
export function personStream(look: Look, size: PictureSize, isTalking: boolean): MediaStream {
  const pen = canvasOf(size)
  const draw = () => drawPortrait(pen, look, performance.now() / 1000, isTalking)
  draw()
  setInterval(draw, 100)
  return pen.canvas.captureStream(10)
}

const page = [
  ['h', 'Notes for the reading group'],
  ['p', 'Thursday, six o’clock, in the back room of the library. Please bring the second chapter.'],
  ['p', 'Everybody reads one page aloud; whoever listens writes down a question. We start with the'],
  ['p', 'question that comes up most often and leave the others for the walk home.'],
  ['s', '1   What we agreed on last time'],
  ['p', '    –  Ann asks the library for the longer lease and tells us by Monday.'],
  ['p', '    –  Bob brings the projector, and a spare cable for it.'],
  ['p', '    –  Cat writes to those who could not come, with these notes.'],
  ['s', '2   For next time'],
  ['p', '    –  Who could lead the evening in December? Two of us are away.'],
  ['p', '    –  The poems: all of them, or the first twelve only?'],
  ['s', '3   Costs'],
  ['p', '    Room        24.00      paid until the end of the year'],
  ['p', '    Copies      11.40      Ann'],
  ['p', '    Tea          8.15      Bob'],
] as const

/** A picture of a screen with small text on it. */
export function screenStream(size: PictureSize = { width: 1920, height: 1080 }): MediaStream {
  const pen = canvasOf(size)
  const draw = () => {
    pen.fillStyle = '#e9e7e2'
    pen.fillRect(0, 0, size.width, size.height)
    pen.fillStyle = '#d7d4cd'
    pen.fillRect(0, 0, size.width, 56)
    pen.fillStyle = '#5b5f6b'
    pen.font = '22px "Inter Variable", sans-serif'
    pen.fillText('reading-group.txt', 40, 37)
    pen.fillStyle = '#ffffff'
    pen.fillRect(size.width * 0.12, 56, size.width * 0.76, size.height)
    let y = 150
    for (const [kind, text] of page) {
      pen.fillStyle = kind === 'p' ? '#333843' : '#14181f'
      pen.font = `${kind === 'h' ? '650 46px' : kind === 's' ? '620 30px' : '27px'} "Inter Variable", sans-serif`
      if (kind !== 'p') y += 26
      pen.fillText(text, size.width * 0.17, y)
      y += kind === 'h' ? 64 : 46
    }
  }
  draw()
  setInterval(draw, 500)
  return pen.canvas.captureStream(5)
}

/** A humming voice of that volume, 0 to 1. */
export function voiceStream(volume: number): MediaStream {
  const context = new AudioContext()
  const destination = context.createMediaStreamDestination()
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  oscillator.frequency.value = 180
  gain.gain.value = volume
  oscillator.connect(gain).connect(destination)
  oscillator.start()
  return destination.stream
}
