/** Versions of this package's protocol that it speaks, ascending. */
export const pairingVersions: readonly number[] = [1]

/** Versions that a side may say it speaks. */
const maxVersions = 16

/** Whether this is a list of versions in its one form: ascending, each once, none 0. */
export function isVersionList(versions: Uint8Array): boolean {
  const isAscending = versions.every((version, i) => version > (versions[i - 1] ?? 0))
  return versions.length > 0 && versions.length <= maxVersions && isAscending
}

/** The highest version that both speak. */
export function highestCommonVersion(a: readonly number[], b: readonly number[]): number | undefined {
  const common = a.filter((version) => b.includes(version))
  return common.length === 0 ? undefined : Math.max(...common)
}
