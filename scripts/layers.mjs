// `npm run layers`: the rules of the layers (scripts/layers/), over this repository.
import { root } from './command.mjs'
import { checkTree } from './layers/tree.mjs'

const faults = checkTree(root)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
