import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')

type Rgb = readonly [number, number, number]

/** Linear sRGB of an `oklch(L C H)` text (CSS Color 4 §10.7), cut to the gamut. */
function linearRgb(oklch: string): Rgb {
  const [l = 0, c = 0, h = 0] = (oklch.match(/[\d.]+/g) ?? []).map(Number)
  const a = c * Math.cos((h * Math.PI) / 180)
  const b = c * Math.sin((h * Math.PI) / 180)
  const cones = [
    l + 0.3963377774 * a + 0.2158037573 * b,
    l - 0.1055613458 * a - 0.0638541728 * b,
    l - 0.0894841775 * a - 1.291485548 * b,
  ].map((cone) => cone ** 3)
  const [x = 0, y = 0, z = 0] = cones
  const cut = (value: number) => Math.min(1, Math.max(0, value))
  return [
    cut(4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z),
    cut(-1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z),
    cut(-0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z),
  ]
}

/** Contrast ratio (WCAG 2.2, relative luminance). */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [r, g, b] = linearRgb(color)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [bright = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (bright + 0.05) / (dark + 0.05)
}

/** A token's colour in light and in dark. */
function token(name: string): { light: string; dark: string } {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(css)?.[1] ?? ''
  const [light = '', dark = light] = value.match(/oklch\([^)]+\)/g) ?? []
  return { light, dark }
}

const texts: readonly (readonly [ink: string, ground: string])[] = [
  ...['paper', 'surface', 'raised', 'sunken', 'hover', 'accent-wash', 'warn-wash', 'bad-wash'].map(
    (on) => ['ink', on] as const,
  ),
  ...['paper', 'surface', 'raised', 'sunken', 'hover', 'accent-wash', 'warn-wash'].map(
    (on) => ['ink-soft', on] as const,
  ),
  ...['paper', 'surface', 'raised'].map((on) => ['accent-text', on] as const),
  ...['accent', 'accent-hover', 'good-fill', 'good-fill-hover', 'bad-fill', 'bad-fill-hover'].map(
    (on) => ['accent-ink', on] as const,
  ),
  ...['paper', 'surface', 'raised', 'bad-wash'].map((on) => ['bad', on] as const),
  ...['paper', 'surface', 'raised'].map((on) => ['good', on] as const),
  ...['paper', 'surface', 'raised'].map((on) => ['warn', on] as const),
  ['tile-ink', 'tile'],
  ['tile-soft', 'tile'],
]

describe('the colours', () => {
  it.each(texts)('of %s on %s have at least 4.5 to 1 in light and dark', (ink, ground) => {
    expect(contrast(token(ink).light, token(ground).light)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token(ink).dark, token(ground).dark)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['paper', 'surface'])('of the lines of fields on %s have at least 3 to 1', (ground) => {
    expect(contrast(token('field-line').light, token(ground).light)).toBeGreaterThanOrEqual(3)
    expect(contrast(token('field-line').dark, token(ground).dark)).toBeGreaterThanOrEqual(3)
  })
})
