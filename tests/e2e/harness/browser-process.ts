import { type Browser, chromium } from 'playwright-core'

/**
 * What gives a browser a fake camera and microphone, and answers its questions with yes. Ten frames a second, so that
 * four browsers with twelve pictures between them run on two cores.
 */
export const fakeMedia = [
  '--use-fake-device-for-media-stream=fps=10',
  '--use-fake-ui-for-media-stream',
] as const

/** Keeps a test's browser from talking to anybody by itself, and lets root run it. */
export const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where Debian puts Chromium. */
export const chromiumPath = '/usr/bin/chromium'

/**
 * Starts a Chromium process of its own. `mediaFlags` say what camera and microphone it has and how it answers when a
 * page asks for them. With `namespace` it runs in that network namespace, while its driver stays in this one;
 * `environment` is added to its variables.
 */
export function launchChromium(
  mediaFlags: readonly string[] = fakeMedia,
  namespace?: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  const args = [...quiet, ...mediaFlags]
  const env = { ...process.env, ...environment }
  if (namespace === undefined) return chromium.launch({ executablePath: chromiumPath, args, env })
  const executablePath = new URL('../../netlab/chromium-in-namespace.sh', import.meta.url).pathname
  return chromium.launch({ executablePath, args, env: { ...env, NETNS: namespace } })
}
