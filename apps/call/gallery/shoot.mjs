// Looks at stories: node gallery/shoot.mjs <folder> <themes> <sizes> <story...>; sizes as 390x844, all stories without names.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

/** Opens the gallery in a Chromium and gives a function that takes one picture. */
export async function openGallery() {
  const server = await createServer({
    configFile: new URL('vite.config.ts', import.meta.url).pathname,
    logLevel: 'error',
    // Nothing may reload the page in the middle of a picture.
    server: { hmr: false, watch: null },
  })
  await server.listen(0)
  const origin = server.resolvedUrls?.local[0]
  const profile = await mkdtemp(join(tmpdir(), 'crowfly-gallery-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
  const page = context.pages()[0] ?? (await context.newPage())
  page.on('pageerror', (error) => console.error(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      console.error(`${message.type()}: ${message.text()}`)
  })
  // The first visit makes the server bundle its dependencies and reload the page.
  await page.goto(`${origin}gallery/index.html`)
  await page.waitForLoadState('networkidle')
  return {
    page,
    async shoot(story, { width, height, theme, scale = 1, path, settleMs = 700 }) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: theme })
      await page.goto(`${origin}gallery/index.html?story=${story}`)
      await page.waitForSelector('html[data-ready]', { timeout: 20_000 })
      await page.waitForTimeout(settleMs)
      await page.screenshot({ path, scale: scale === 1 ? 'css' : 'device' })
    },
    async close() {
      await context.close()
      await server.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [folder = '.', themes = 'light', sizes = '1440x900', ...names] = process.argv.slice(2)
  const gallery = await openGallery()
  for (const story of names) {
    for (const size of sizes.split(',')) {
      const [width, height] = size.split('x').map(Number)
      for (const theme of themes.split(',')) {
        await gallery.shoot(story, {
          width,
          height,
          theme,
          path: join(folder, `${story}-${size}-${theme}.png`),
        })
      }
    }
  }
  await gallery.close()
}
