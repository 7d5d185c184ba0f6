// Part of the lint phase: tracked files name nothing of one machine, and links between documents resolve.
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './command.mjs'

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

/** @param {string} text @param {number} offset */
const lineOf = (text, offset) => text.slice(0, offset).split('\n').length

/** Folders that every machine has: naming them gives nothing away. */
const everywhere = ['/', '/app', '/home', '/mnt', '/opt', '/src', '/srv', '/tmp', '/usr/src', '/var']

/** @param {string} text @returns {string[]} */
function machinePaths(text) {
  const own = [dirname(root), homedir()].filter((path) => !everywhere.includes(path))
  return own.flatMap((path) => {
    const at = text.indexOf(`${path}/`)
    return at < 0 ? [] : [`${lineOf(text, at)}: names a folder of this machine, ${path}`]
  })
}

/** @param {string} file @param {string} text @returns {string[]} */
function brokenLinks(file, text) {
  const withoutCode = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '))
  return [...withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].flatMap((match) => {
    const target = decodeURI((match[1] ?? '').replace(/#.*$/, ''))
    if (target === '' || /^[a-z][a-z0-9+.-]*:/i.test(target)) return []
    const path = target.startsWith('/') ? join(root, target) : join(root, dirname(file), target)
    return existsSync(path) ? [] : [`${lineOf(text, match.index)}: links to ${target}, which is not there`]
  })
}

/** @param {string} text @returns {string[]} */
function registryHosts(text) {
  return Object.entries(JSON.parse(text).packages)
    .filter(([, entry]) => /^[a-z+]+:\/\//.test(entry.resolved ?? ''))
    .map(([name]) => `1: names a registry host for ${name} (.npmrc leaves it out: run npm install with it)`)
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
