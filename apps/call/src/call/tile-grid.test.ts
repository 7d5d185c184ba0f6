import { describe, expect, it } from 'vitest'
import { tileGrid } from './tile-grid.ts'

const gap = 8
const spaces = [
  { name: 'a desktop window', width: 1416, height: 768 },
  { name: 'a tablet', width: 744, height: 896 },
  { name: 'a phone', width: 366, height: 716 },
  { name: 'a phone on its side', width: 750, height: 346 },
]

describe('a grid of tiles', () => {
  it.each(spaces)('holds one to sixteen people inside $name without overlap', ({ width, height }) => {
    for (let count = 1; count <= 16; count += 1) {
      const grid = tileGrid(count, width, height, gap)
      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count)
      expect((grid.rows - 1) * grid.columns).toBeLessThan(count)
      expect(grid.columns * grid.tileWidth + (grid.columns - 1) * gap).toBeLessThanOrEqual(width)
      expect(grid.rows * grid.tileHeight + (grid.rows - 1) * gap).toBeLessThanOrEqual(height)
      expect(grid.tileWidth).toBeGreaterThan(0)
    }
  })

  it.each(spaces)('uses at least half of $name for any number of people', ({ width, height }) => {
    for (let count = 1; count <= 16; count += 1) {
      const { tileWidth, tileHeight } = tileGrid(count, width, height, gap)
      expect((count * tileWidth * tileHeight) / (width * height)).toBeGreaterThan(0.5)
    }
  })

  it('stands two people side by side on a desktop and one above the other on a phone', () => {
    expect(tileGrid(2, 1416, 768, gap)).toMatchObject({ columns: 2, rows: 1 })
    expect(tileGrid(2, 366, 716, gap)).toMatchObject({ columns: 1, rows: 2 })
  })

  it('puts nine people into three rows of three on a desktop', () => {
    expect(tileGrid(9, 1416, 768, gap)).toMatchObject({ columns: 3, rows: 3 })
  })

  it('keeps every tile in a shape that shows at least half of an upright and of a lying picture', () => {
    for (const { width, height } of spaces) {
      for (let count = 1; count <= 16; count += 1) {
        const { tileWidth, tileHeight } = tileGrid(count, width, height, gap)
        expect(tileWidth / tileHeight).toBeGreaterThan(0.95)
        expect(tileWidth / tileHeight).toBeLessThan(2.2)
      }
    }
  })

  it('gives tiles of no size in a space of no size', () => {
    expect(tileGrid(3, 0, 0, gap)).toMatchObject({ tileWidth: 0, tileHeight: 0 })
  })
})
