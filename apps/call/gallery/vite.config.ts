import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The gallery has a server of its own and is never part of the app's build.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [react()],
  resolve: { conditions: ['crowfly-source', 'module', 'browser', 'import', 'default'] },
  server: { port: 24173, strictPort: false, host: '127.0.0.1' },
})
