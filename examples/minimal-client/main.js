// The page: asks for a code, calls everybody in the room, shows who answers. PROTOCOL.md §6.7 and §8.
import { Call } from './call.js'
import { readCode } from './code.js'
import { emoji } from './emoji.js'
import { unknownOf } from './pairing.js'
import { Room } from './room.js'
import { Malformed } from './wire.js'

const find = (selector, within = document) => within.querySelector(selector)
const form = find('form')
const refusals = {
  wrongCode: 'The code is wrong: those who are in the room know other words. Look at the code again.',
  closed: 'They let nobody in any more: there were too many wrong codes.',
}
const maxTickets = 16

let leave = () => {}
addEventListener('pagehide', () => leave())

form.elements.code.value = location.hash.slice(1)
form.onsubmit = async (event) => {
  event.preventDefault()
  form.elements.connect.disabled = true
  try {
    const code = readCode(form.elements.code.value.trim())
    const stream = await openDevices()
    enter(code.origin ?? form.elements.server.value, code, stream)
  } catch (error) {
    over(error instanceof Malformed ? error.message : `This did not work: ${error.message}`)
  }
}

function status(sentence) {
  find('#status').textContent = sentence
}

function over(sentence) {
  status(sentence)
  form.elements.connect.disabled = false
}

/** Camera and microphone, as far as they are wanted. */
async function openDevices() {
  const [audio, video] = [form.elements.microphone.checked, form.elements.camera.checked]
  return audio || video ? navigator.mediaDevices.getUserMedia({ audio, video }) : new MediaStream()
}

function enter(origin, { nameplate, secret }, stream) {
  const name = form.elements.name.value.slice(0, 64)
  const calls = new Map()
  let opened = 0
  let unknownAt = Number.NEGATIVE_INFINITY
  const own = {
    name,
    stream,
    iceServers: () => room.iceServers,
    media: () => ({
      microphone: { undefined: 'none', true: 'on', false: 'muted' }[stream.getAudioTracks()[0]?.enabled],
      camera: { undefined: 'none', true: 'on', false: 'off' }[stream.getVideoTracks()[0]?.enabled],
      screen: 'off',
    }),
  }

  const room = new Room(origin, nameplate, {
    isOnline: (isOnline) => find('#server').replaceChildren(isOnline ? '' : 'No connection to the server'),
    ended: finish,
    ticket: call,
    envelope(key, memberId, octets) {
      const unknown = calls.has(key) ? null : unknownOf(octets)
      if (unknown !== null && performance.now() - unknownAt >= 1_000) {
        unknownAt = performance.now()
        room.say({ type: 'send', to: memberId, envelope: unknown })
      }
      calls.get(key)?.pairing.receive(octets)
    },
    returned(key, memberId) {
      // The server may have forgotten that they know the code.
      if (calls.get(key)?.pairing.isStanding) room.say({ type: 'confirm', memberId })
      calls.get(key)?.pairing.repeat()
    },
    back: (key) => calls.get(key)?.pairing.resume(),
    undeliverable: (key) => calls.get(key)?.pairing.pause(),
    left: (key, reason) => calls.get(key)?.left(reason),
  })

  function call(key, memberId, ticket) {
    opened += 1
    if (calls.has(key) || opened > maxTickets) return
    const route = {
      nameplate,
      ownId: room.ownId,
      memberId,
      send: (envelope) => room.say({ type: 'send', to: memberId, envelope }),
      isPresent: () => room.isPresent(key),
    }
    const tile = find('template').content.cloneNode(true).firstElementChild
    const heading = find('h2', tile)
    try {
      const one = new Call(ticket, secret, route, own, {
        paired() {
          find('.emoji', tile).replaceChildren(...one.pairing.emoji.map(emojiItem))
          find('main').append(tile)
          status('')
          room.say({ type: 'confirm', memberId })
          setTimeout(tellRosters, 1_000)
        },
        says: (sentence) => find('.says', tile).replaceChildren(sentence),
        shows: (streams) =>
          find('.pictures', tile).replaceChildren(...streams.map((one) => picture(one, heading.textContent))),
        state({ name, media }) {
          heading.textContent = name
          tile.dataset.screen = String(media?.screen ?? 'off')
          tile.dataset.microphone = String(media?.microphone)
          find('.emoji', tile).ariaLabel = `Emoji with ${name}`
        },
        chat: (text) => line(heading.textContent, text),
        roster: () => setTimeout(() => compare(one), 30_000),
        refused(reason) {
          if (reason in refusals) return finish(refusals[reason])
          calls.delete(key)
          one.end('')
          room.say({ type: 'askTicket', memberId })
        },
        over(sentence) {
          tile.remove()
          if (!calls.delete(key)) return
          setTimeout(tellRosters, 1_000)
          if (calls.size === 0) finish(sentence)
        },
      })
      one.key = key
      one.memberId = memberId
      calls.set(key, one)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      status(`A ticket was not opened: ${error.message}.`)
    }
  }

  function tellRosters() {
    const present = [...calls.values()].filter((one) => one.pairing.isStanding && room.isPresent(one.key))
    for (const one of present) one.tellRoster(present.map(({ memberId }) => memberId))
  }

  /** Somebody in their roster has not been seen here for so long. */
  function compare({ roster }) {
    for (const key of roster)
      if (!calls.has(key) && key !== String(room.ownId))
        status('Not everybody is seen here: they came later, or the server keeps them from you.')
  }

  function finish(sentence) {
    leave = () => {}
    const all = [...calls.values()]
    calls.clear()
    for (const one of all) one.leave()
    room.leave()
    for (const track of stream.getTracks()) track.stop()
    document.body.dataset.in = 'no'
    over(sentence)
  }

  leave = () => finish('You left.')
  find('#leave').onclick = () => leave()
  find('#mute').onclick = () => {
    for (const track of stream.getAudioTracks()) track.enabled = !track.enabled
    for (const one of calls.values()) one.tellState()
  }
  find('#chat').onsubmit = (event) => {
    event.preventDefault()
    const { text } = event.target.elements
    if (text.value === '') return
    for (const one of calls.values()) one.chat(text.value)
    line(name, text.value)
    text.value = ''
  }
  find('#own').srcObject = stream
  document.body.dataset.in = 'yes'
  status('Calling …')
}

function picture(stream, name) {
  const video = Object.assign(document.createElement('video'), {
    srcObject: stream,
    autoplay: true,
    playsInline: true,
  })
  video.ariaLabel = stream.getAudioTracks().length > 0 ? name : `${name}’s screen`
  return video
}

function emojiItem(place) {
  const item = document.createElement('li')
  item.innerText = emoji[place].replace(' ', '\n')
  return item
}

function line(from, text) {
  const item = document.createElement('li')
  item.textContent = `${from}: ${text}`
  find('#texts').append(item)
}
