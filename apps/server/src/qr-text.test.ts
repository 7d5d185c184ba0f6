import { generate } from 'lean-qr'
import { expect, test } from 'vitest'
import { qrText } from './qr-text.ts'

const blackOnWhite = '\u001b[38;5;16;48;5;231m'
const reset = '\u001b[0m'

/** Undoes the half blocks: a row of modules for each line's upper and lower half, true for dark. */
function modulesOf(text: string): boolean[][] {
  return text.split('\n').flatMap((line) => {
    expect(line.startsWith(blackOnWhite) && line.endsWith(reset)).toBe(true)
    const blocks = [...line.slice(blackOnWhite.length, -reset.length)]
    return [
      blocks.map((block) => block === '▀' || block === '█'),
      blocks.map((block) => block === '▄' || block === '█'),
    ]
  })
}

test.each(['https://192.0.2.1:8443', 'https://[2001:db8:1234:5678:9abc:def0:1234:5678]:8443'])(
  'the half blocks hold the modules of %s, dark on light, within a light margin',
  (url) => {
    const code = generate(url)
    const rows = modulesOf(qrText(url))
    expect(rows.length).toBeGreaterThanOrEqual(code.size + 4)
    for (const [y, row] of rows.entries()) {
      expect(row.length).toBe(code.size + 4)
      for (const [x, isDark] of row.entries()) expect(isDark).toBe(code.get(x - 2, y - 2))
    }
  },
)
