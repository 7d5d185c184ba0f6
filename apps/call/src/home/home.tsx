import { useSnapshot } from '@crowfly/react'
import { parseNameplate } from '@crowfly/signaling'
import { type FormEvent, useRef, useState } from 'react'
import { copy } from '../copy.ts'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Wordmark } from '../ui/mark.tsx'
import { TextField } from '../ui/text-field.tsx'
import { codeEntryHint, readCodeEntry, tidyCodeEntry } from './code-entry.ts'
import { DevicePickers } from './device-pickers.tsx'
import { DeviceProblemCard, deviceProblems } from './device-problem.tsx'
import { Preview, PreviewQuestion } from './preview.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import './home.css'

/** The first page: see yourself, start a call or enter a code. */
export function Home({ codeText }: { codeText: string }) {
  const session = useSession()
  const { media, consent, preferences } = useSessionSnapshot()
  const devices = useSnapshot(media)
  const ask = () => void session.askForDevices()
  const isUndecided = consent === 'unasked' || consent === 'asking'
  return (
    <div className="home">
      <header className="home-head">
        <h1 className="home-name" aria-label={copy.appName}>
          <Wordmark />
        </h1>
        <ThemeSwitch />
      </header>
      <main className="home-main">
        <section className="home-devices" aria-label={copy.devices.preview}>
          <Preview
            media={media}
            snapshot={devices}
            name={preferences.name}
            cover={
              isUndecided ? (
                <PreviewQuestion
                  isAsking={consent === 'asking'}
                  onAllow={ask}
                  onWithout={() => session.goWithoutDevices()}
                />
              ) : undefined
            }
          />
          {deviceProblems(devices).map((problem) => (
            <DeviceProblemCard key={problem.device} {...problem} onRetry={ask} />
          ))}
          {!isUndecided && <DevicePickers media={media} snapshot={devices} />}
        </section>
        <HomeForm codeText={codeText} />
      </main>
      <footer className="home-foot">{copy.tagline}</footer>
    </div>
  )
}

/** Name, code and the two ways into a call. With a code from the address it begins with the code. */
function HomeForm({ codeText }: { codeText: string }) {
  const session = useSession()
  const { preferences, isBeginning } = useSessionSnapshot()
  const isInvited = parseNameplate(codeText) !== null
  const start = (
    <Button
      tone={isInvited ? 'quiet' : 'primary'}
      size={isInvited ? 'medium' : 'large'}
      disabled={isBeginning}
      onClick={() => void session.begin({ kind: 'create' })}
    >
      {copy.home.startCall}
    </Button>
  )
  return (
    <section className="home-form">
      <TextField
        label={copy.home.name}
        placeholder={copy.home.namePlaceholder}
        value={preferences.name}
        maxLength={64}
        autoComplete="name"
        enterKeyHint="done"
        onChange={(event) => session.setPreferences({ name: event.target.value })}
      />
      {!isInvited && (
        <>
          {start}
          <p className="home-or">{copy.home.orCode}</p>
        </>
      )}
      <CodeForm codeText={codeText} isInvited={isInvited} />
      {isInvited && start}
    </section>
  )
}

/** The code and Connect; pressing it early says what is missing. */
function CodeForm({ codeText, isInvited }: { codeText: string; isInvited: boolean }) {
  const session = useSession()
  const { isBeginning } = useSessionSnapshot()
  const [text, setText] = useState(() => tidyCodeEntry(codeText, ''))
  // What the link brought, until it is changed: only a link brings a text that is no code.
  const [isFromLink, setFromLink] = useState(true)
  const [isPressedEarly, setPressedEarly] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const entry = readCodeEntry(text)
  const isComplete = entry.state === 'complete'
  const isBrokenLink = isFromLink && entry.state === 'incomplete'
  const connect = (event: FormEvent) => {
    event.preventDefault()
    if (entry.state === 'complete') {
      void session.begin({ kind: 'join', code: entry.code, ifEmpty: 'refuse' })
      return
    }
    setPressedEarly(true)
    field.current?.focus()
  }
  return (
    <form className="home-code" onSubmit={connect}>
      <TextField
        label={copy.home.code}
        className="home-code-field"
        placeholder={copy.home.codePlaceholder}
        value={text}
        ref={field}
        hint={isPressedEarly && entry.state === 'empty' ? copy.code.none : codeEntryHint(entry, isFromLink)}
        isWrong={entry.state === 'wrong' || (isPressedEarly && !isComplete) || isBrokenLink}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="go"
        dir="ltr"
        onChange={(event) => {
          setPressedEarly(false)
          setFromLink(false)
          setText(tidyCodeEntry(event.target.value, text))
        }}
      />
      <Button
        type="submit"
        tone={isComplete ? 'primary' : 'plain'}
        size={isInvited ? 'large' : 'medium'}
        disabled={isBeginning}
      >
        {copy.home.connect}
      </Button>
    </form>
  )
}
