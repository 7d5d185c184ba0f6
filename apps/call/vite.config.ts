import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['crowfly-source', 'module', 'browser', 'import', 'default'] },
  build: {
    // `light-dark()` must reach the browser as it is written: these are the first that have it.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // The page's policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One app of one page: 680 kB in one file are 220 kB on the wire, a fifth of them curves and words.
    chunkSizeWarningLimit: 760,
  },
})
