import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Runs a program to its end, in the repository's folder, with its output on ours.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [environment] added to ours
 * @returns {boolean} whether it ended with exit code 0
 */
export function run(program, args, environment = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  })
  if (result.error) console.error(`${program} did not start: ${result.error.message}`)
  return result.status === 0
}

/**
 * Runs a command that an installed package brings, with this Node.
 * @param {string} packageName
 * @param {string} command name in the package's `bin`
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {boolean} whether it ended with exit code 0
 */
export function runPackage(packageName, command, args, environment) {
  const folder = join(root, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const path = typeof bin === 'string' ? bin : bin[command]
  return run(process.execPath, [join(folder, path), ...args], environment)
}

/**
 * Runs npm: the one that runs us, where there is one.
 * @param {readonly string[]} args
 * @returns {boolean} whether it ended with exit code 0
 */
export function runNpm(args) {
  const npm = process.env['npm_execpath']
  return npm ? run(process.execPath, [npm, ...args]) : run('npm', args)
}
