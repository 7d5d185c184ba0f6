import { describe, expect, it } from 'vitest'
import { pictureFit } from './picture-fit.ts'

const lying = { width: 1280, height: 720 }
const upright = { width: 720, height: 1280 }

describe('a picture in its tile', () => {
  it('fills a tile of nearly its own shape', () => {
    expect(pictureFit(lying, { width: 400, height: 300 })).toBe('cover')
  })

  it('is shown whole where filling would cut half of it away', () => {
    expect(pictureFit(upright, { width: 1440, height: 900 })).toBe('contain')
    expect(pictureFit(lying, { width: 390, height: 844 })).toBe('contain')
  })

  it('fills a square either way round', () => {
    const square = { width: 300, height: 300 }
    expect([pictureFit(lying, square), pictureFit(upright, square)]).toEqual(['cover', 'cover'])
  })

  it('fills until its size is known', () => {
    expect(pictureFit({ width: 0, height: 0 }, lying)).toBe('cover')
  })
})
