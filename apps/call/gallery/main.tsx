import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import { formatRoomLink } from '@crowfly/pairing'
import { createRoot } from 'react-dom/client'
import { App } from '../src/app.tsx'
import { Session } from '../src/session/session.ts'
import { FakeCall } from './fake-call.ts'
import { FakeMedia } from './fake-media.ts'
import { type Story, stories } from './stories.ts'

class MemoryStore {
  readonly #items = new Map<string, string>()

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value)
  }

  removeItem(key: string): void {
    this.#items.delete(key)
  }
}

function sessionFor(story: Story): Session {
  const store = new MemoryStore()
  store.setItem('crowfly.preferences', JSON.stringify({ name: story.name ?? 'Sam Rivera' }))
  const session = new Session({
    services: {
      join: () => new FakeCall(story.call?.() ?? {}),
      prepare: () => ({ join: () => new FakeCall(story.call?.() ?? {}), close: () => {} }),
      createLocalMedia: () => new FakeMedia(story.media),
      hasWebRtc: true,
      devicesAllowed: async () => story.isUnasked !== true,
    },
    address: {
      host: 'call.example',
      room: story.link?.split('#')[0] ?? '',
      takeFragment: () => story.link?.split('#')[1] ?? null,
      linkTo: (code) => formatRoomLink('https://call.example', code),
      show: () => {},
    },
    store,
    tabStore: new MemoryStore(),
    isReturning: false,
  })
  return session
}

/** Presses the button, or chooses the menu item, of that name once it is there. */
async function press(name: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const control = [...document.querySelectorAll<HTMLElement>('button, [role="menuitem"]')].find((element) =>
      (element.ariaLabel ?? element.textContent ?? '').startsWith(name),
    )
    if (control !== undefined) {
      control.click()
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/** Types into the field of that label, as a person would who has put the cursor there. */
async function type(label: string, text: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const field = [...document.querySelectorAll('input')].find(
      (input) => input.labels?.[0]?.textContent === label,
    )
    if (field !== undefined) {
      field.focus()
      field.select()
      document.execCommand('insertText', false, text)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

async function show(story: Story, root: HTMLElement): Promise<void> {
  if (story.isRtl === true) document.documentElement.dir = 'rtl'
  const session = sessionFor(story)
  createRoot(root).render(<App session={session} />)
  if (story.call !== undefined) {
    await session.askForDevices()
    await session.begin({ kind: 'create' })
  }
  for (const name of story.press ?? []) await press(name)
  for (const [label, text] of Object.entries(story.typed ?? {})) await type(label, text)
  await document.fonts.ready
  document.documentElement.dataset['ready'] = 'true'
}

function Index() {
  return (
    <ul>
      {Object.keys(stories).map((name) => (
        <li key={name}>
          <a href={`?story=${name}`}>{name}</a>
        </li>
      ))}
    </ul>
  )
}

const root = document.getElementById('root')
const story = stories[new URLSearchParams(location.search).get('story') ?? '']
if (root !== null) {
  if (story === undefined) createRoot(root).render(<Index />)
  else void show(story, root)
}
