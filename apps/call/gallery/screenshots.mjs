// Makes the pictures of docs/screenshots: npm run screenshots -w apps/call
import { mkdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openGallery } from './shoot.mjs'

const desktop = { width: 1280, height: 800 }
const phone = { width: 390, height: 844, scale: 2 }

const pictures = [
  { name: 'home', story: 'home', theme: 'light', ...desktop },
  { name: 'waiting', story: 'waiting', theme: 'light', ...desktop },
  { name: 'ringing', story: 'ringing', theme: 'light', ...desktop },
  { name: 'call', story: 'call-3', theme: 'light', ...desktop },
  { name: 'dark', story: 'call-screen', theme: 'dark', ...desktop },
  { name: 'phone', story: 'call-phone', theme: 'dark', ...phone },
]

const folder = fileURLToPath(new URL('../../../docs/screenshots/', import.meta.url))
await mkdir(folder, { recursive: true })
const gallery = await openGallery()
for (const { name, story, ...options } of pictures) {
  const path = `${folder}${name}.png`
  await gallery.shoot(story, { ...options, path })
  console.log(`${name}.png ${Math.round((await stat(path)).size / 1024)} KiB`)
}
await gallery.close()
