// Runs inside the lab. `mirror.mjs serve HOST`: answers each UDP datagram on two ports with the address that it came from.
// `mirror.mjs ask HOST`: prints what both ports see of one socket here, repeating the question until they answer.
import { createSocket } from 'node:dgram'

const ports = [7001, 7002]
const [mode, host] = process.argv.slice(2)

if (mode === 'serve') {
  for (const port of ports) {
    const socket = createSocket('udp4')
    socket.on('message', (_, from) => socket.send(`${from.address}:${from.port}`, from.port, from.address))
    socket.bind(port, host) // A reply has to leave from the address that was asked.
  }
} else {
  const seen = new Map()
  const socket = createSocket('udp4')
  socket.on('message', (text, from) => {
    seen.set(from.port, text.toString())
    if (seen.size < ports.length) return
    console.log(ports.map((port) => seen.get(port)).join(' '))
    process.exit()
  })
  socket.bind(5000)
  setInterval(() => {
    for (const port of ports) socket.send('?', port, host)
  }, 50)
  setTimeout(() => process.exit(1), 5000)
}
