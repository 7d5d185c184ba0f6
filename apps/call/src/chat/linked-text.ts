/** A run of a message: plain text, or a link to open, which begins at the character `start`. */
export type TextRun =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string; readonly start: number }

const candidate = /\bhttps?:\/\/[^\s<>"'`]+/giu
const trailing = /[.,;:!?)\]}]+$/u

/** Cuts a message into runs. Only http and https addresses that parse become links. */
export function linkRuns(message: string): readonly TextRun[] {
  const runs: TextRun[] = []
  let end = 0
  for (const match of message.matchAll(candidate)) {
    const text = trimTrailing(match[0])
    if (!URL.canParse(text)) continue
    if (match.index > end) runs.push({ kind: 'text', text: message.slice(end, match.index) })
    runs.push({ kind: 'link', text, href: new URL(text).href, start: match.index })
    end = match.index + text.length
  }
  if (end < message.length) runs.push({ kind: 'text', text: message.slice(end) })
  return runs
}

/** Takes the punctuation of the sentence off an address, but keeps brackets that the address itself opened. */
function trimTrailing(address: string): string {
  let text = address
  for (;;) {
    const tail = trailing.exec(text)?.[0]
    if (tail === undefined) return text
    const isClosing = text.endsWith(')') && text.split('(').length >= text.split(')').length
    if (isClosing) return text
    text = text.slice(0, -1)
  }
}
