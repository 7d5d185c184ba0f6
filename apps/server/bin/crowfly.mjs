#!/usr/bin/env node
// Written so that an old Node can read it, and say that it is too old: no static imports of anything else, no new
// syntax.
var wanted = [20, 19]
var version = process.versions.node
var parts = version.split('.').map(Number)

if (parts[0] < wanted[0] || (parts[0] === wanted[0] && parts[1] < wanted[1])) {
  process.stderr.write(
    'Crowfly needs Node ' +
      wanted.join('.') +
      ' or newer; this is ' +
      version +
      '. ' +
      'Install a newer one from https://nodejs.org and run this again.\n',
  )
  process.exit(1)
}

import('../dist/main.js').then(
  (main) => main.run(process.argv),
  (error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    process.stderr.write(
      'Crowfly has not been built, or a part of it is missing: run "npm install" and "npm run build" in its folder.\n' +
        '(' +
        error.message.split('\n')[0] +
        ')\n',
    )
    process.exit(1)
  },
)
