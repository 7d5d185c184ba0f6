/**
 * How many letters have to be inserted, left out, replaced or swapped with their neighbour to make `b` of `a` (optimal
 * string alignment); `Infinity` as soon as it is known to be more than `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  let lastLeast = 0
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    let least = row
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const edited = Math.min(at(last, column), at(line, column - 1)) + 1
      const kept = at(last, column - 1) + (isSame ? 0 : 1)
      const swapped = isSwap ? at(beforeLast, column - 2) + 1 : Infinity
      const distance = Math.min(edited, kept, swapped)
      line.push(distance)
      least = Math.min(least, distance)
    }
    // A line rests on the two before it.
    if (least > limit && lastLeast > limit) return Infinity
    beforeLast = last
    last = line
    lastLeast = least
  }
  const distance = at(last, b.length)
  return distance > limit ? Infinity : distance
}

/**
 * Whether two words share so many letters that they may be within `limit` edits: true of few pairs, and quickly known.
 * An edit changes at most two of the letters that a word has.
 */
export function mayBeWithin(limit: number, a: string, b: string): boolean {
  let different = lettersOf(a) ^ lettersOf(b)
  for (let left = 2 * limit; left > 0; left--) different &= different - 1
  return different === 0
}

/** A bit for each letter that a word has, whatever else it has in one bit more. */
function lettersOf(word: string): number {
  let letters = 0
  for (let i = 0; i < word.length; i++) letters |= 1 << Math.min(26, Math.max(0, word.charCodeAt(i) - 96))
  return letters
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? Infinity
}
