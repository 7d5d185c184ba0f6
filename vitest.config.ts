import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['crowfly-source', 'module', 'import', 'node', 'default'] }
const ssr = { resolve: { conditions: resolve.conditions } }

/** Tests that start servers or browsers: with time for it, and one file after the other unless there are more workers. */
const processes = (
  name: string,
  more: { maxWorkers?: number; maxConcurrency?: number; testTimeout?: number } = {},
) => ({
  resolve,
  ssr,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    ...more,
    // Projects of one order would have to have one number of workers.
    sequence: { groupOrder: more.maxWorkers ?? 0 },
  },
})

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          // Generous: a busy machine is no failure.
          testTimeout: 30_000,
          // Vitest would leave one processor free.
          maxWorkers: '100%',
          include: [
            'packages/*/src/**/*.test.{ts,tsx}',
            'apps/*/src/**/*.test.{ts,tsx}',
            'fuzz/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
        },
      },
      // A call takes most of a processor: more than two beside each other starve.
      processes('e2e', { maxConcurrency: 2 }),
      // Other implementations take their time, and little of the processors'.
      processes('interop', { maxWorkers: 4, maxConcurrency: 24 }),
      // To show that no call comes about takes half a minute in itself.
      processes('netlab', { maxConcurrency: 2, testTimeout: 120_000 }),
      processes('security'),
    ],
  },
})
