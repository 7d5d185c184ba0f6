// `npm start`: installs and builds what is missing or stale, then serves. Flags go to `crowfly serve`.
import { isNodeNewEnough } from './node-version.mjs'

async function start() {
  const { ensureInstalled } = await import('./installation.mjs')
  const { ensureBuilt } = await import('./build-output.mjs')
  if (!ensureInstalled('npm start') || !ensureBuilt()) return 1
  // In this process: no second one to pass signals and the exit code to, or to be left behind.
  const bin = new URL('../apps/server/bin/crowfly.mjs', import.meta.url)
  process.argv = [process.argv[0] ?? 'node', bin.pathname, 'serve', ...process.argv.slice(2)]
  await import(bin.href)
  return undefined
}

if (isNodeNewEnough(process.versions.node)) {
  start().then((code) => {
    if (code !== undefined) process.exitCode = code
  })
} else {
  process.exitCode = 1
}
