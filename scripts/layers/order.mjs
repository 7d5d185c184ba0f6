/**
 * The layer of each package and app, from design.md §1. A package imports only from strictly lower layers.
 * @type {Readonly<Record<string, number>>}
 */
export const layers = {
  'packages/bytes': 0,
  'packages/sansio': 0,
  'packages/stun': 1,
  'packages/turn': 2,
  'packages/pairing': 3,
  'packages/signaling': 3,
  'packages/node-io': 4,
  'packages/client': 5,
  'packages/react': 6,
  'apps/server': 7,
  'apps/call': 7,
}

/** Layers up to this one are pure: no I/O, no clock, no timers, no promises, no randomness of their own. */
export const highestPureLayer = 3

/** What only tests import: it stands on layer 0, beside the rest. */
export const testkit = 'packages/testkit'
