/** The renderer, for both hosts: `vite build src/renderer` needs no Electron. electron.vite.config.ts builds on it. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the browser host; the page, the API and the pictures then come from one origin. */
const studioUrl = process.env.THROUGHLINE_STUDIO ?? 'http://127.0.0.1:4620';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, '../../out/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    // Pictures and fonts stay files, so that the content policy needs no data: for fonts.
    assetsInlineLimit: 0,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      // Only the API itself: `/api` alone would take the source folder of that name too.
      '^/api$': { target: studioUrl, ws: true },
      '/media': { target: studioUrl },
    },
  },
});
