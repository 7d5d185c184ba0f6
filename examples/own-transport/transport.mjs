/**
 * Frames to the page as server-sent events in base64, frames from the page as POSTs, one after the other.
 * @type {import('@crowfly/client').SignalingTransport}
 */
export const eventStreamTransport = {
  open(server, listener) {
    const source = new EventSource(new URL('/signaling', server))
    /** Where frames are posted: the server says it first. */
    let address = ''
    let lastPost = Promise.resolve()
    let isOver = false
    const fail = () => {
      source.close()
      if (!isOver) listener.closed()
      isOver = true
    }
    source.addEventListener('opened', ({ data }) => {
      address = new URL(data, server).href
      if (!isOver) listener.opened()
    })
    source.onmessage = ({ data }) => {
      if (!isOver) listener.frame(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)))
    }
    // An EventSource would connect again by itself; that is the session's business, which knows what got lost.
    source.onerror = fail
    return {
      send(frame) {
        lastPost = lastPost
          .then(() => fetch(address, { method: 'POST', body: frame, keepalive: frame.length < 1_024 }))
          .then(({ ok }) => (ok ? undefined : fail()))
          .catch(fail)
      },
      close() {
        isOver = true
        // What was sent before is still on its way, and the server would not hear it from a closed connection.
        void lastPost.then(() => source.close())
      },
    }
  },
}
