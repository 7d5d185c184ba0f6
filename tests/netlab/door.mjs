// Runs in a network namespace: lets those outside reach a TCP port of its loopback by a socket in the file system.
import { connect, createServer } from 'node:net'

const [path = '', port = ''] = process.argv.slice(2)
createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1')
  outside.pipe(inside).pipe(outside)
  outside.on('error', () => inside.destroy())
  inside.on('error', () => outside.destroy())
}).listen(path, () => console.log('open'))
