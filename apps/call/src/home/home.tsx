import { useSnapshot } from '@crowfly/react'
import { copy } from '../copy.ts'
import type { Arrival } from '../session/arrival.ts'
import { useSession, useSessionSnapshot } from '../session/session-context.ts'
import { Button } from '../ui/button.tsx'
import { Wordmark } from '../ui/mark.tsx'
import { TextField } from '../ui/text-field.tsx'
import { CodeForm } from './code-form.tsx'
import { DevicePickers } from './device-pickers.tsx'
import { DeviceProblemCard, deviceProblems } from './device-problem.tsx'
import { Preview, PreviewQuestion } from './preview.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import './home.css'

/** The first page: see yourself, start a call or enter a code. */
export function Home({ arrival }: { arrival: Arrival }) {
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
        <HomeForm arrival={arrival} />
      </main>
      <footer className="home-foot">
        <p>{copy.tagline}</p>
        <p>{copy.trust.appFrom(session.host)}</p>
      </footer>
    </div>
  )
}

/** Name, code and the two ways into a call. With a code that was brought along it begins with the code. */
function HomeForm({ arrival }: { arrival: Arrival }) {
  const session = useSession()
  const { preferences, isBeginning } = useSessionSnapshot()
  const isInvited = arrival.kind === 'code'
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
      <CodeForm arrival={arrival} />
      {isInvited && start}
    </section>
  )
}
