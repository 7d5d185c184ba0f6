// `npm run build`: builds every package and app, whether or not the last build is still fresh.
import { isNodeNewEnough } from './node-version.mjs'

async function build() {
  const { ensureInstalled } = await import('./installation.mjs')
  const { buildAll } = await import('./build-output.mjs')
  return ensureInstalled('npm run build') && buildAll()
}

if (isNodeNewEnough(process.versions.node)) {
  build().then((isBuilt) => {
    process.exitCode = isBuilt ? 0 : 1
  })
} else {
  process.exitCode = 1
}
