import './mark.css'

/** The mark: two dots joined by a straight line. Decoration; the name stands beside it or in a label. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size / 2} viewBox="0 0 56 28" aria-hidden="true">
      <path className="mark-line" d="M8 20 48 8" />
      <circle className="mark-dot" cx="8" cy="20" r="6.5" />
      <circle className="mark-dot" cx="48" cy="8" r="6.5" />
    </svg>
  )
}

/** The mark with the name, as the head of a page. */
export function Wordmark() {
  return (
    <span className="wordmark">
      <Mark size={40} />
      crowfly
    </span>
  )
}
