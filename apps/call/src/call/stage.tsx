import type { PeerSnapshot } from '@crowfly/client'
import { SelfView } from './self-view.tsx'
import { ScreenTile, Tile } from './tile.tsx'
import { tileGrid } from './tile-grid.ts'
import { type Size, useSize } from './use-size.ts'
import './stage.css'

const gap = 8

/** From this many others on, one's own picture is a tile among theirs. */
const selfJoinsAt = 3

/** The people, and a shared screen when there is one, in the space there is. */
export function Stage({ peers, isFull }: { peers: readonly PeerSnapshot[]; isFull: boolean }) {
  const [ref, space] = useSize()
  const presenter = peers.findLast((peer) => peer.media.screen === 'on')
  return (
    <div className="stage" ref={ref} data-full={isFull}>
      {space.width > 0 &&
        (presenter === undefined ? (
          <PeopleStage peers={peers} space={space} isFull={isFull} />
        ) : (
          <ScreenStage peers={peers} presenter={presenter} space={space} />
        ))}
    </div>
  )
}

function PeopleStage({
  peers,
  space,
  isFull,
}: {
  peers: readonly PeerSnapshot[]
  space: Size
  isFull: boolean
}) {
  const withSelf = peers.length >= selfJoinsAt
  const grid = tileGrid(peers.length + (withSelf ? 1 : 0), space.width, space.height, gap)
  const size = isFull && peers.length === 1 ? space : { width: grid.tileWidth, height: grid.tileHeight }
  return (
    <div className="stage-grid" style={{ inlineSize: rowWidth(grid.columns, size.width) }}>
      {peers.map((peer) => (
        <Tile key={peer.id} peer={peer} size={size} />
      ))}
      <SelfView size={withSelf ? size : floatingSize(space)} floats={!withSelf} />
    </div>
  )
}

function rowWidth(columns: number, tileWidth: number): number {
  return columns * tileWidth + (columns - 1) * gap
}

function floatingSize(space: Size): Size {
  if (space.height > space.width) {
    const width = Math.round(Math.min(160, Math.max(96, space.width * 0.27)))
    return { width, height: Math.round((width * 4) / 3) }
  }
  const width = Math.round(Math.min(256, Math.max(132, space.width * 0.17)))
  return { width, height: Math.round((width * 9) / 16) }
}

function ScreenStage({
  peers,
  presenter,
  space,
}: {
  peers: readonly PeerSnapshot[]
  presenter: PeerSnapshot
  space: Size
}) {
  const isWide = space.width > space.height
  const strip: Size = isWide
    ? { width: Math.round(Math.min(240, Math.max(120, space.width * 0.17))), height: 0 }
    : { width: Math.round(Math.min(168, (space.width - 2 * gap) / 2.6)), height: 0 }
  const small: Size = { width: strip.width, height: Math.round((strip.width * 9) / 16) }
  const large: Size = isWide
    ? { width: space.width - small.width - gap, height: space.height }
    : { width: space.width, height: space.height - small.height - gap }
  return (
    <div className="stage-screen" data-wide={isWide}>
      <ScreenTile peer={presenter} size={large} />
      <div className="stage-strip">
        {peers.map((peer) => (
          <Tile key={peer.id} peer={peer} size={small} />
        ))}
        <SelfView size={small} floats={false} />
      </div>
    </div>
  )
}
