import { correction, generate } from 'lean-qr'
import { useMemo } from 'react'
import { copy } from '../copy.ts'
import './qr-code.css'

/** Light modules around the code, without which scanners do not find it (ISO/IEC 18004 §6.3.8: four). */
const quietZone = 4

/** A QR code of `text`, dark on light in either theme since many scanners read nothing else. */
export function QrCode({ text }: { text: string }) {
  const { path, size } = useMemo(() => drawModules(text), [text])
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={copy.wait.qr}>
      <rect className="qr-code-light" width={size} height={size} />
      <path className="qr-code-dark" d={path} />
    </svg>
  )
}

function drawModules(text: string): { path: string; size: number } {
  const bitmap = generate(text, { minCorrectionLevel: correction.M })
  let path = ''
  for (let y = 0; y < bitmap.size; y += 1) {
    for (let x = 0; x < bitmap.size; x += 1) {
      if (bitmap.get(x, y)) path += `M${x + quietZone} ${y + quietZone}h1v1h-1z`
    }
  }
  return { path, size: bitmap.size + 2 * quietZone }
}
