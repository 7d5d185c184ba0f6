// `npm test`: everything that CI runs, in phases. `npm test -- e2e netlab` runs only those.
import { isNodeNewEnough } from './node-version.mjs'

if (isNodeNewEnough(process.versions.node)) {
  import('./test-run.mjs').then(({ runTests }) => {
    process.exitCode = runTests(process.argv.slice(2)) ? 0 : 1
  })
} else {
  process.exitCode = 1
}
