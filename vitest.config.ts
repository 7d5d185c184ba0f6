import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['crowfly-source', 'module', 'import', 'node', 'default'] }
const ssr = { resolve: { conditions: resolve.conditions } }

/** Tests that start servers or browsers: one file after the other, and with time for it. */
const browsers = (name: string, folder: string, maxConcurrency = 5) => ({
  resolve,
  ssr,
  test: {
    name,
    include: [`${folder}/**/*.test.ts`],
    fileParallelism: false,
    maxConcurrency,
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
      browsers('e2e', 'tests/e2e'),
      browsers('interop', 'tests/interop'),
      browsers('netlab', 'tests/netlab', 2),
      browsers('security', 'tests/security'),
    ],
  },
})
