import type { AllocationLimits } from '../target.ts'

/** Limits by their names, as flags of our commands. */
export function limitFlags(limits: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`])
}

export function allocationLimitFlags({ perUser, perAddress, inAll }: AllocationLimits): readonly string[] {
  return limitFlags({
    maxAllocationsPerUser: perUser,
    maxAllocationsPerAddress: perAddress,
    maxAllocations: inAll,
  })
}
