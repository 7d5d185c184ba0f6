// Part of the lint phase: tracked files name nothing of one machine, and links between documents resolve.
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './command.mjs'
import { brokenLinks, machinePaths, registryHosts } from './tracked-file-faults.mjs'

/** @returns {string[]} */
function trackedFiles() {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  })
  return list
    .toString()
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
}

/** @param {string} file @returns {string[]} what is wrong, each with its place */
function faults(file) {
  if (!lstatSync(join(root, file)).isFile()) return []
  const bytes = readFileSync(join(root, file))
  if (bytes.includes(0)) return []
  const text = bytes.toString()
  const found = machinePaths(text)
  if (file.endsWith('.md')) found.push(...brokenLinks(file, text))
  if (file === 'package-lock.json') found.push(...registryHosts(text))
  return found.map((fault) => `${file}:${fault}`)
}

const all = trackedFiles().flatMap(faults)
for (const fault of all) console.error(fault)
if (all.length > 0) process.exitCode = 1
