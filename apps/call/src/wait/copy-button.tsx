import { Check, Copy, Link2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { copy } from '../copy.ts'
import { Button } from '../ui/button.tsx'
import { copyText } from './copy-text.ts'

const confirmedMs = 1800

/** A button that copies `text` and says so. */
export function CopyButton({
  label,
  text,
  kind,
  isPrimary = false,
}: {
  label: string
  text: string
  kind: 'code' | 'link'
  isPrimary?: boolean
}) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), confirmedMs)
    return () => clearTimeout(timer)
  }, [outcome])
  const Sign = kind === 'code' ? Copy : Link2
  return (
    <>
      <Button
        tone={isPrimary ? 'primary' : 'plain'}
        aria-label={label}
        onClick={() => void copyText(text).then((isDone) => setOutcome(isDone ? 'copied' : 'failed'))}
      >
        {outcome === 'copied' ? (
          <Check size={18} aria-hidden="true" />
        ) : (
          <Sign size={18} aria-hidden="true" />
        )}
        {outcome === 'copied' ? copy.wait.copied : label}
      </Button>
      <span className="sr-only" role="status">
        {outcome === 'copied' && copy.wait.copied}
        {outcome === 'failed' && copy.wait.copyFailed}
      </span>
    </>
  )
}
