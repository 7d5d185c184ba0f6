/** How a drawn person looks. */
export interface Look {
  readonly wall: readonly [string, string]
  readonly skin: string
  readonly shade: string
  readonly hair: string
  readonly cloth: string
  readonly cut: 'short' | 'long' | 'bun' | 'bald' | 'curly'
  readonly scene: 'window' | 'shelf' | 'plant' | 'plain'
  readonly glasses?: boolean
  readonly beard?: boolean
}

/** The cast of the gallery. */
export const looks: readonly Look[] = [
  {
    wall: ['#d9cdbb', '#b7a58c'],
    skin: '#e3a77f',
    shade: '#cf8f68',
    hair: '#4a2f23',
    cloth: '#2f5d73',
    cut: 'long',
    scene: 'window',
  },
  {
    wall: ['#3e4a57', '#28313c'],
    skin: '#8d5a3b',
    shade: '#774a2f',
    hair: '#1b1513',
    cloth: '#d08a3c',
    cut: 'short',
    scene: 'shelf',
    beard: true,
  },
  {
    wall: ['#cfd9d6', '#9fb3ae'],
    skin: '#f0c3a0',
    shade: '#dda780',
    hair: '#b5652c',
    cloth: '#6b4a78',
    cut: 'bun',
    scene: 'plant',
    glasses: true,
  },
  {
    wall: ['#5a5148', '#3b342e'],
    skin: '#d9a074',
    shade: '#c2885d',
    hair: '#9a9a98',
    cloth: '#3c4f3f',
    cut: 'short',
    scene: 'window',
    glasses: true,
  },
  {
    wall: ['#e1d5d0', '#c3aea6'],
    skin: '#6f4530',
    shade: '#5c3725',
    hair: '#140f0e',
    cloth: '#a23e48',
    cut: 'curly',
    scene: 'shelf',
  },
  {
    wall: ['#b9c7d8', '#8ba0b8'],
    skin: '#e8b48d',
    shade: '#d39a72',
    hair: '#6e4a2c',
    cloth: '#e4e0d6',
    cut: 'bald',
    scene: 'plain',
    beard: true,
  },
  {
    wall: ['#cdbfa5', '#a8987a'],
    skin: '#c98a5e',
    shade: '#b2744a',
    hair: '#2a1b16',
    cloth: '#1f3b57',
    cut: 'long',
    scene: 'plant',
  },
  {
    wall: ['#454052', '#2d2937'],
    skin: '#f2cbb0',
    shade: '#deae8f',
    hair: '#d8b26a',
    cloth: '#52796f',
    cut: 'curly',
    scene: 'window',
  },
]

type Pen = CanvasRenderingContext2D

function ellipse(pen: Pen, x: number, y: number, rx: number, ry: number, fill: string): void {
  pen.fillStyle = fill
  pen.beginPath()
  pen.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2)
  pen.fill()
}

function scene(pen: Pen, look: Look, width: number, height: number): void {
  const wall = pen.createLinearGradient(0, 0, width, height)
  wall.addColorStop(0, look.wall[0])
  wall.addColorStop(1, look.wall[1])
  pen.fillStyle = wall
  pen.fillRect(0, 0, width, height)
  if (look.scene === 'window') {
    const light = pen.createLinearGradient(0, 0, 0, height)
    light.addColorStop(0, '#eaf1f4')
    light.addColorStop(1, '#cfdde2')
    pen.fillStyle = light
    pen.fillRect(width * 0.06, height * 0.06, width * 0.24, height * 0.58)
    pen.fillStyle = look.wall[1]
    pen.fillRect(width * 0.175, height * 0.06, width * 0.01, height * 0.58)
    pen.fillRect(width * 0.06, height * 0.34, width * 0.24, height * 0.012)
  }
  if (look.scene === 'shelf') {
    pen.fillStyle = 'rgb(0 0 0 / 0.22)'
    pen.fillRect(width * 0.68, height * 0.2, width * 0.32, height * 0.02)
    pen.fillRect(width * 0.68, height * 0.48, width * 0.32, height * 0.02)
    const spines = ['#c96f4a', '#e0c27a', '#7c93a6', '#a5b68a', '#d7d2c4', '#8a5a6b', '#59728a']
    for (let i = 0; i < 14; i += 1) {
      const row = i < 7 ? 0 : 1
      const tall = 0.12 + ((i * 37) % 5) * 0.012
      pen.fillStyle = spines[(i * 3) % spines.length] ?? '#888'
      pen.globalAlpha = 0.75
      pen.fillRect(
        width * (0.7 + (i % 7) * 0.036),
        height * (0.2 + row * 0.28 - tall),
        width * 0.028,
        height * tall,
      )
      pen.globalAlpha = 1
    }
  }
  if (look.scene === 'plant') {
    for (let i = 0; i < 9; i += 1) {
      pen.save()
      pen.translate(width * 0.86, height * 0.78)
      pen.rotate(-Math.PI / 2 + (i - 4) * 0.24)
      ellipse(pen, height * 0.24, 0, height * 0.2, height * 0.03, i % 2 === 0 ? '#5f7f5c' : '#4c6b4d')
      pen.restore()
    }
    pen.fillStyle = '#b9714c'
    pen.fillRect(width * 0.82, height * 0.76, width * 0.08, height * 0.24)
  }
}

function hairBehind(pen: Pen, look: Look, x: number, y: number, unit: number): void {
  pen.fillStyle = look.hair
  if (look.cut === 'long') {
    pen.beginPath()
    pen.roundRect(x - unit * 0.66, y - unit * 0.76, unit * 1.32, unit * 2.0, unit * 0.64)
    pen.fill()
  }
  if (look.cut === 'curly') {
    for (let i = 0; i < 13; i += 1) {
      const turn = Math.PI * (0.92 + (i / 12) * 1.16)
      ellipse(
        pen,
        x + Math.cos(turn) * unit * 0.56,
        y - unit * 0.1 + Math.sin(turn) * unit * 0.66,
        unit * 0.25,
        unit * 0.25,
        look.hair,
      )
    }
  }
  if (look.cut === 'bun') ellipse(pen, x, y - unit * 0.88, unit * 0.26, unit * 0.23, look.hair)
}

function hairBefore(pen: Pen, look: Look, x: number, y: number, unit: number): void {
  if (look.cut === 'bald') return
  pen.fillStyle = look.hair
  const top = y - unit * 0.76
  pen.beginPath()
  pen.moveTo(x - unit * 0.58, y + unit * 0.06)
  pen.bezierCurveTo(x - unit * 0.66, top, x - unit * 0.3, top, x, top)
  pen.bezierCurveTo(x + unit * 0.3, top, x + unit * 0.66, top, x + unit * 0.58, y + unit * 0.06)
  pen.quadraticCurveTo(x + unit * 0.5, y - unit * 0.26, x + unit * 0.3, y - unit * 0.38)
  pen.quadraticCurveTo(x - unit * 0.1, y - unit * 0.3, x - unit * 0.36, y - unit * 0.4)
  pen.quadraticCurveTo(x - unit * 0.52, y - unit * 0.24, x - unit * 0.58, y + unit * 0.06)
  pen.fill()
}

function eyes(pen: Pen, look: Look, x: number, y: number, unit: number, isBlinking: boolean): void {
  for (const side of [-1, 1]) {
    ellipse(
      pen,
      x + side * unit * 0.2,
      y - unit * 0.03,
      unit * 0.055,
      isBlinking ? unit * 0.01 : unit * 0.065,
      '#241a17',
    )
    pen.strokeStyle = look.cut === 'bald' ? '#5a4334' : look.hair
    pen.lineWidth = unit * 0.045
    pen.lineCap = 'round'
    pen.beginPath()
    pen.moveTo(x + side * unit * 0.11, y - unit * 0.19)
    pen.quadraticCurveTo(x + side * unit * 0.2, y - unit * 0.24, x + side * unit * 0.3, y - unit * 0.18)
    pen.stroke()
    if (look.glasses === true) {
      pen.strokeStyle = '#2a2a30'
      pen.lineWidth = unit * 0.03
      pen.beginPath()
      pen.roundRect(x + side * unit * 0.2 - unit * 0.15, y - unit * 0.13, unit * 0.3, unit * 0.23, unit * 0.1)
      pen.stroke()
    }
  }
}

function face(
  pen: Pen,
  look: Look,
  x: number,
  y: number,
  unit: number,
  isTalking: boolean,
  time: number,
): void {
  ellipse(pen, x, y, unit * 0.52, unit * 0.66, look.skin)
  if (look.cut !== 'long' && look.cut !== 'curly') {
    ellipse(pen, x - unit * 0.53, y + unit * 0.06, unit * 0.08, unit * 0.14, look.shade)
    ellipse(pen, x + unit * 0.53, y + unit * 0.06, unit * 0.08, unit * 0.14, look.shade)
  }
  if (look.beard === true) {
    pen.fillStyle = look.hair
    pen.globalAlpha = 0.85
    pen.beginPath()
    pen.ellipse(x, y + unit * 0.12, unit * 0.52, unit * 0.56, 0, 0.12, Math.PI - 0.12)
    pen.quadraticCurveTo(x - unit * 0.3, y + unit * 0.2, x, y + unit * 0.2)
    pen.quadraticCurveTo(x + unit * 0.3, y + unit * 0.2, x + unit * 0.5, y + unit * 0.18)
    pen.fill()
    pen.globalAlpha = 1
  }
  eyes(pen, look, x, y, unit, time % 3.4 < 0.12)
  pen.strokeStyle = look.shade
  pen.lineWidth = unit * 0.04
  pen.beginPath()
  pen.moveTo(x, y - unit * 0.02)
  pen.quadraticCurveTo(x + unit * 0.07, y + unit * 0.14, x - unit * 0.02, y + unit * 0.16)
  pen.stroke()
  if (isTalking) {
    ellipse(
      pen,
      x,
      y + unit * 0.34,
      unit * 0.14,
      unit * (0.03 + 0.05 * Math.abs(Math.sin(time * 9))),
      '#8c3b3b',
    )
    return
  }
  pen.strokeStyle = '#96443f'
  pen.lineWidth = unit * 0.045
  pen.beginPath()
  pen.moveTo(x - unit * 0.16, y + unit * 0.31)
  pen.quadraticCurveTo(x, y + unit * 0.43, x + unit * 0.16, y + unit * 0.31)
  pen.stroke()
}

/** Draws one picture of a person at `time` seconds. */
export function drawPortrait(pen: Pen, look: Look, time: number, isTalking: boolean): void {
  const { width, height } = pen.canvas
  scene(pen, look, width, height)
  const unit = Math.min(width * 0.4, height * 0.31)
  const x = width / 2 + Math.sin(time * 0.7) * unit * 0.03
  const y = height * 0.46 + Math.sin(time * 1.1) * unit * 0.015
  hairBehind(pen, look, x, y, unit)
  pen.fillStyle = look.shade
  pen.fillRect(x - unit * 0.2, y + unit * 0.4, unit * 0.4, unit * 0.5)
  pen.fillStyle = look.cloth
  pen.beginPath()
  pen.moveTo(x - unit * 1.35, height + 2)
  pen.bezierCurveTo(
    x - unit * 1.3,
    y + unit * 1.02,
    x - unit * 0.7,
    y + unit * 0.92,
    x - unit * 0.24,
    y + unit * 0.78,
  )
  pen.quadraticCurveTo(x, y + unit * 1.02, x + unit * 0.24, y + unit * 0.78)
  pen.bezierCurveTo(
    x + unit * 0.7,
    y + unit * 0.92,
    x + unit * 1.3,
    y + unit * 1.02,
    x + unit * 1.35,
    height + 2,
  )
  pen.fill()
  face(pen, look, x, y, unit, isTalking, time)
  hairBefore(pen, look, x, y, unit)
}
