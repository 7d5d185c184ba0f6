import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCorpus } from './corpus.ts'
import { loadTarget, targetNames } from './target-files.ts'

const targets = join(import.meta.dirname, 'targets')

describe('the fuzz corpora', async () => {
  for (const name of await targetNames(targets)) {
    it(`holds nothing that ${name} trips over`, async () => {
      const target = await loadTarget(targets, name, 'ts')
      const corpus = await readCorpus(join(import.meta.dirname, 'corpus', name))
      expect(corpus.length + (target.seeds?.length ?? 0)).toBeGreaterThan(0)
      for (const entry of corpus) {
        expect(() => target.run(entry.bytes.slice()), entry.name).not.toThrow()
        if (target.repair === undefined) continue
        const repaired = entry.bytes.slice()
        target.repair(repaired)
        expect(() => target.run(repaired), `${entry.name}, repaired`).not.toThrow()
      }
    })
  }
})
