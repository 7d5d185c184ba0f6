/** How tiles are laid out in a space. */
export interface TileGrid {
  readonly columns: number
  readonly rows: number
  /** Size of every tile in CSS pixels. */
  readonly tileWidth: number
  readonly tileHeight: number
}

/**
 * Tiles are stretched between these ratios of width to height, in which neither an upright nor a lying picture is
 * cut by half. In a lying space they stay wider, since most pictures there come from laptops.
 */
const widest = 2.1
const narrowestLying = 4 / 3
const narrowestUpright = 1

/**
 * The grid that shows the most of `count` tiles in a space of `width` by `height` CSS pixels with `gap` between
 * them. Empty places cost nothing by themselves; of two grids that show as much the one with fewer wins.
 */
export function tileGrid(count: number, width: number, height: number, gap: number): TileGrid {
  let best: TileGrid = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0 }
  let bestScore = -1
  const narrowest = width > height ? narrowestLying : narrowestUpright
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns)
    const fullWidth = Math.max(0, (width - gap * (columns - 1)) / columns)
    const fullHeight = Math.max(0, (height - gap * (rows - 1)) / rows)
    const tileWidth = Math.min(fullWidth, fullHeight * widest)
    const tileHeight = Math.min(fullHeight, tileWidth / narrowest)
    const empty = columns * rows - count
    const score = tileWidth * tileHeight * (1 - 0.04 * empty)
    if (score <= bestScore) continue
    bestScore = score
    best = { columns, rows, tileWidth: Math.floor(tileWidth), tileHeight: Math.floor(tileHeight) }
  }
  return best
}
