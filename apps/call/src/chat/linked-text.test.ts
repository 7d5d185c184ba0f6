import { describe, expect, it } from 'vitest'
import { linkRuns } from './linked-text.ts'

const links = (message: string) => linkRuns(message).filter((run) => run.kind === 'link')

describe('links in a message', () => {
  it('are found between words, without the punctuation of the sentence', () => {
    expect(linkRuns('See https://example.org/a?b=1.')).toEqual([
      { kind: 'text', text: 'See ' },
      { kind: 'link', text: 'https://example.org/a?b=1', href: 'https://example.org/a?b=1', start: 4 },
      { kind: 'text', text: '.' },
    ])
  })

  it('keep brackets of their own and leave those of the sentence', () => {
    expect(links('(https://example.org/a_(b))').map(({ text }) => text)).toEqual([
      'https://example.org/a_(b)',
    ])
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'https://',
    'http://[::1',
  ])('are never made of %s', (message) => {
    expect(links(message)).toEqual([])
  })

  it('leave every character of the message in place', () => {
    const message = 'a https://x.example/1, b\nhttp://y.example (https://z.example/) c'
    expect(
      linkRuns(message)
        .map(({ text }) => text)
        .join(''),
    ).toBe(message)
  })
})
