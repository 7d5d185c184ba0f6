import { createSocket } from 'node:dgram'

/** Whether a Binding request is answered over UDP. */
export function answersBinding(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), 200)
    socket.once('message', () => {
      clearTimeout(timer)
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    const request = Buffer.from('000100002112a442000000000000000000000000', 'hex')
    socket.send(request, port, '127.0.0.1')
  }).finally(() => socket.close())
}
