import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6, type Socket } from 'node:net'
import { formatTransportAddress } from '@crowfly/sansio'
import { decodeReflexiveAddress, encodeBindingRequest, StunMessage } from '@crowfly/stun'
import { afterThis, hear } from './running.ts'

/** A Binding request, 20 bytes. */
export function bindingRequest(): Uint8Array {
  return encodeBindingRequest(crypto.getRandomValues(new Uint8Array(12)))
}

/** The address that the first response in `bytes` tells, as text; its faults as they are. */
export function reflexiveAddress(bytes: Uint8Array): string {
  const message = new StunMessage()
  const fault = message.decode(bytes, 0, bytes.length)
  if (fault !== undefined) return fault
  const address = decodeReflexiveAddress(message)
  return address === undefined ? message.messageClass : formatTransportAddress(address)
}

/** Asks over a stream that stands, `byBytes` at a time. */
export async function askStream(socket: Socket, byBytes = 20): Promise<string> {
  const answer = hear(socket, (heard) => heard.length >= 20 && heard.length >= 20 + heard.readUInt16BE(2))
  const request = bindingRequest()
  for (let at = 0; at < request.length; at += byBytes) {
    socket.write(request.subarray(at, at + byBytes))
    // Each piece a packet of its own.
    if (byBytes < request.length) await new Promise((resolve) => setImmediate(resolve))
  }
  return reflexiveAddress(await answer)
}

/** Asks over UDP from `from`, and returns what was answered and by whom. */
export async function askUdp(port: number, address: string, from = address) {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  afterThis(() => socket.close())
  socket.bind(0, from)
  await once(socket, 'listening')
  const answer = once(socket, 'message')
  socket.send(bindingRequest(), port, address)
  const [message, { address: answerer, port: answererPort }] = await answer
  return {
    reflexive: reflexiveAddress(message),
    own: socket.address(),
    answeredBy: `${answerer} ${answererPort}`,
  }
}
