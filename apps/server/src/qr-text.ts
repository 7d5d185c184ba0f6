import { generate } from 'lean-qr'

// Black and white of the 256 colours, which themes do not change as they change the first 16.
const blackOnWhite = '\u001b[38;5;16;48;5;231m'
const reset = '\u001b[0m'

/** Modules of white around the code; ISO/IEC 18004 §9.1 asks for four, phones read two. */
const quietZone = 2

/**
 * A QR code for a terminal: two modules a character by half blocks, black on white by colour codes, so that it scans
 * on dark and light terminals alike.
 */
export function qrText(text: string): string {
  const code = generate(text)
  const lines: string[] = []
  for (let y = -quietZone; y < code.size + quietZone; y += 2) {
    let line = ''
    for (let x = -quietZone; x < code.size + quietZone; x++) {
      const upper = code.get(x, y)
      const lower = code.get(x, y + 1)
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' '
    }
    lines.push(`${blackOnWhite}${line}${reset}`)
  }
  return lines.join('\n')
}
