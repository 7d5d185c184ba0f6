import { useSnapshot } from '@crowfly/react'
import { parseNameplate } from '@crowfly/signaling'
import { type FormEvent, useId, useRef, useState } from 'react'
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

/** Name, code and the two ways into a call. With a code from the address it only asks to connect. */
function HomeForm({ codeText }: { codeText: string }) {
  const session = useSession()
  const { preferences, isBeginning } = useSessionSnapshot()
  const [text, setText] = useState(() => tidyCodeEntry(codeText, ''))
  const [isPressedEarly, setPressedEarly] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const entry = readCodeEntry(text)
  const invited = parseNameplate(codeText)
  const formId = useId()
  const connect = (event: FormEvent) => {
    event.preventDefault()
    if (entry.state !== 'complete') {
      setPressedEarly(true)
      field.current?.focus()
      return
    }
    void session.begin({ kind: 'join', code: entry.code, ifEmpty: 'refuse' })
  }
  const start = (
    <Button
      tone={invited === null ? 'primary' : 'quiet'}
      size={invited === null ? 'large' : 'medium'}
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
      {invited === null && (
        <>
          {start}
          <p className="home-or">{copy.home.orCode}</p>
        </>
      )}
      <form className="home-code" id={formId} onSubmit={connect}>
        <TextField
          label={copy.home.code}
          className="home-code-field"
          placeholder={copy.home.codePlaceholder}
          value={text}
          ref={field}
          hint={isPressedEarly && entry.state === 'empty' ? copy.code.none : codeEntryHint(entry)}
          isWrong={entry.state === 'wrong' || (isPressedEarly && entry.state !== 'complete')}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="go"
          dir="ltr"
          onChange={(event) => {
            setPressedEarly(false)
            setText(tidyCodeEntry(event.target.value, text))
          }}
        />
        <Button
          type="submit"
          tone={entry.state === 'complete' ? 'primary' : 'plain'}
          size={invited === null ? 'medium' : 'large'}
          disabled={isBeginning}
        >
          {copy.home.connect}
        </Button>
      </form>
      {invited !== null && start}
    </section>
  )
}
