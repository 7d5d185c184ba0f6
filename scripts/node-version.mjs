// Only syntax and imports that every Node with ES modules understands: this file runs where the others cannot.
export const minimumNode = '20.19.0'

/**
 * Says in one sentence, on standard error, that this Node is too old.
 * @param {string} version of Node, for example `process.versions.node`
 * @returns {boolean} whether the scripts can run on it
 */
export function isNodeNewEnough(version) {
  const have = version.split('.').map(Number)
  const need = minimumNode.split('.').map(Number)
  for (let part = 0; part < need.length; part += 1) {
    const difference = Number(have[part]) - Number(need[part])
    if (difference > 0) return true
    if (difference < 0) {
      console.error(
        'Crowfly needs Node.js ' +
          minimumNode +
          ' or newer, and this is ' +
          version +
          '. Install a newer Node.js (https://nodejs.org), then run the same command again.',
      )
      return false
    }
  }
  return true
}
