import type { Size } from './use-size.ts'

/** At least this share of a picture must stay visible when it is cut to fill its tile. */
const visibleShare = 0.55

/** Whether a picture fills its tile, cut at two sides, or is shown whole with space beside it. */
export function pictureFit(picture: Size, tile: Size): 'cover' | 'contain' {
  if (picture.width === 0 || picture.height === 0 || tile.width === 0 || tile.height === 0) return 'cover'
  const ratio = picture.width / picture.height / (tile.width / tile.height)
  return Math.min(ratio, 1 / ratio) >= visibleShare ? 'cover' : 'contain'
}
