import { describe, expect, it } from 'vitest'
import { brokenLinks, machinePaths, registryHosts } from './tracked-file-faults.mjs'

describe('a tracked file', () => {
  it('may not name a folder of this machine', () => {
    const text = 'one\nsee /data/ann/somewhere'
    expect(machinePaths(text, ['/data/ann'])).toEqual(['2: names a folder of this machine, /data/ann'])
    expect(machinePaths(text, ['/data/bob'])).toEqual([])
  })

  it('may name folders that every machine has', () => {
    expect(machinePaths('/tmp/a /usr/bin/chromium /home/you')).toEqual([])
  })

  it('may not link to a file that is not there', () => {
    const text = '[here](layers.mjs) [gone](../gone.md#part)\n![picture](/no/such.png "title")'
    expect(brokenLinks('scripts/README.md', text)).toEqual([
      '1: links to ../gone.md, which is not there',
      '2: links to /no/such.png, which is not there',
    ])
  })

  it('may show links in code, and link within itself and to the web', () => {
    expect(brokenLinks('README.md', '`[a](gone.md)` [b](#part) [c](https://example.org/x)')).toEqual([])
    expect(brokenLinks('README.md', '```\n[a](gone.md)\n```')).toEqual([])
  })

  it('may not name a registry host when it is the lock file', () => {
    const packages = {
      'node_modules/a': { resolved: 'https://registry.example/a.tgz' },
      'node_modules/b': { resolved: 'packages/b' },
    }
    expect(registryHosts(JSON.stringify({ packages }))).toEqual([expect.stringContaining('node_modules/a')])
  })
})
