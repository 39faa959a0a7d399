import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { mockControl } from './mock/serve.ts';

const here = dirname(fileURLToPath(import.meta.url));
const standIn = (name: string) => join(here, 'src', 'verify', name);

/** `npm run dev` speaks to the mock; a build speaks to the instance that serves it. */
function mock(): Plugin {
  return {
    name: 'lanyard-mock',
    configureServer(server) {
      const control = mockControl();
      server.middlewares.use((request, response, next) => {
        if (!control(request, response)) next();
      });
    },
  };
}

export default defineConfig({
  root: here,
  plugins: [react(), mock()],
  resolve: {
    // The verifier is the one of src/ledger; what it takes from Node stands in src/verify for browsers.
    alias: { 'node:crypto': standIn('crypto.ts'), 'node:buffer': standIn('buffer.ts') },
  },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy of the page allows no inline script, style or data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
});
