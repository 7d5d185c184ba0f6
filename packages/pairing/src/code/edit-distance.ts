/**
 * How many letters have to be inserted, left out, replaced or swapped with their neighbour to make `b` of `a` (optimal
 * string alignment). Takes time in the product of the lengths: bound what people type first.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      line[column] = Math.min(
        at(last, column) + 1,
        at(line, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = line
  }
  return at(last, b.length)
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? Infinity
}
