import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './command.mjs'

/** @param {string} text @param {number} offset */
const lineOf = (text, offset) => text.slice(0, offset).split('\n').length

/** Folders that every machine has: naming them gives nothing away. */
const everywhere = ['/', '/app', '/home', '/mnt', '/opt', '/src', '/srv', '/tmp', '/usr/src', '/var']

/** The folders whose names only this machine has: the home folder, and the one that this clone lies in. */
const ownFolders = [dirname(root), homedir()].filter((path) => !everywhere.includes(path))

/**
 * Finds names of folders that only this machine has.
 * @param {string} text
 * @param {readonly string[]} [folders]
 * @returns {string[]} what is wrong, each with its line
 */
export function machinePaths(text, folders = ownFolders) {
  return folders.flatMap((path) => {
    const at = text.indexOf(`${path}/`)
    return at < 0 ? [] : [`${lineOf(text, at)}: names a folder of this machine, ${path}`]
  })
}

/**
 * Finds relative links of a Markdown document that lead nowhere.
 * @param {string} file relative to the root
 * @param {string} text
 * @returns {string[]} what is wrong, each with its line
 */
export function brokenLinks(file, text) {
  const withoutCode = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '))
  return [...withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].flatMap((match) => {
    const target = decodeURI((match[1] ?? '').replace(/#.*$/, ''))
    if (target === '' || /^[a-z][a-z0-9+.-]*:/i.test(target)) return []
    const path = target.startsWith('/') ? join(root, target) : join(root, dirname(file), target)
    return existsSync(path) ? [] : [`${lineOf(text, match.index)}: links to ${target}, which is not there`]
  })
}

/**
 * Finds packages in the lock file that are bound to the registry of one network.
 * @param {string} text
 * @returns {string[]} what is wrong, each with its line
 */
export function registryHosts(text) {
  return Object.entries(JSON.parse(text).packages)
    .filter(([, entry]) => /^[a-z+]+:\/\//.test(entry.resolved ?? ''))
    .map(([name]) => `1: names a registry host for ${name} (.npmrc leaves it out: run npm install with it)`)
}
