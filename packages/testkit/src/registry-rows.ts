/** Name and value of each row of a registry, whose lines are written `value name`. */
export function registryRows(table: string): [name: string, value: number][] {
  return table
    .trim()
    .split('\n')
    .map((row) => {
      const space = row.indexOf(' ')
      return [row.slice(space + 1), Number(row.slice(0, space))]
    })
}
