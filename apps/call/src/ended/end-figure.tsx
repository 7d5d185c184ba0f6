import type { EndReason } from '@crowfly/client'
import './end-figure.css'

/** Where the line stopped. */
type Break = 'apart' | 'near' | 'middle' | 'far'

const breaks: Readonly<Record<EndReason, Break>> = {
  left: 'apart',
  declined: 'far',
  noAnswer: 'far',
  unknownCode: 'middle',
  malformedCode: 'near',
  wrongCode: 'far',
  roomClosed: 'far',
  notAllowed: 'middle',
  nobodyThere: 'far',
  roomFull: 'far',
  tooManyTries: 'middle',
  serverFull: 'middle',
  serverUnreachable: 'middle',
  incompatibleServer: 'middle',
  webRtcMissing: 'near',
}

const lines: Readonly<Record<Break, string>> = {
  apart: '',
  near: 'M30 20H40',
  middle: 'M30 20H62M82 20H114',
  far: 'M30 20H104',
}

/** The mark, with its line broken off where the call did. */
export function EndFigure({ reason }: { reason: EndReason }) {
  const where = breaks[reason]
  const isNobody = reason === 'nobodyThere' || reason === 'unknownCode'
  return (
    <svg className="end-figure" width="144" height="40" viewBox="0 0 144 40" aria-hidden="true">
      <path className="end-figure-line" d={lines[where]} />
      <circle className="end-figure-dot" cx="18" cy="20" r="9" />
      <circle className={isNobody ? 'end-figure-nobody' : 'end-figure-dot'} cx="126" cy="20" r="9" />
      {where === 'middle' && <path className="end-figure-cross" d="M67 15l10 10M77 15 67 25" />}
    </svg>
  )
}
