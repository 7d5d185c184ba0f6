import './path-figure.css'

/** What the connection picture draws. */
export type PathState = 'direct' | 'relay' | 'finding' | 'broken'

/** The path as it is: two ends and a line; a relay stands in the line, a broken path has a gap. */
export function PathFigure({ state }: { state: PathState }) {
  return (
    <svg
      className="path-figure"
      data-state={state}
      width="44"
      height="12"
      viewBox="0 0 44 12"
      aria-hidden="true"
    >
      <path className="path-figure-line" d="M9 6H35" />
      <circle className="path-figure-end" cx="5" cy="6" r="4" />
      <circle className="path-figure-end" cx="39" cy="6" r="4" />
      {state === 'relay' && (
        <rect className="path-figure-relay" x="17.5" y="1.5" width="9" height="9" rx="2" />
      )}
    </svg>
  )
}
