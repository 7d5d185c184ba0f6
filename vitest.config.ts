import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['crowfly-source', 'module', 'import', 'node', 'default'] }
const ssr = { resolve: { conditions: resolve.conditions } }

/** Tests that start servers or browsers: one file after the other, and with time for it. */
const browsers = (name: string, folder: string) => ({
  resolve,
  ssr,
  test: {
    name,
    include: [`${folder}/**/*.test.ts`],
    fileParallelism: false,
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
      browsers('netlab', 'tests/netlab'),
      browsers('security', 'tests/security'),
    ],
  },
})
