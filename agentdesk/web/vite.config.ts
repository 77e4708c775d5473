import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` answers /desk and /board as the server does.
const pageNames: Plugin = {
  name: 'page-names',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      const page = /^\/(desk|board)(?=$|\?)/.exec(request.url ?? '')?.[1];
      if (page) request.url = `/${page}.html`;
      next();
    });
  },
};

// What stands in the head of every page is written once, in head.html. It goes in before Vite looks at the page.
const sharedHead: Plugin = {
  name: 'shared-head',
  transformIndexHtml: {
    order: 'pre',
    handler: (page) =>
      page.replace('<!-- head.html -->', () => readFileSync(new URL('head.html', import.meta.url), 'utf8')),
  },
};

// One bundle of pages for go:embed. Each page is an entry of its own, so that an agent's browser
// loads the desk and nothing of the board; what they share becomes shared chunks.
export default defineConfig({
  plugins: [svelte(), tailwindcss(), pageNames, sharedHead],
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: false, // scripts/clean.mjs keeps the committed placeholder
    target: 'es2022',
    // The pages run under "default-src 'self'": no data: URIs and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'assets/manifest.json', // read by scripts/budget.mjs
    rollupOptions: {
      input: { index: 'index.html', desk: 'desk.html', board: 'board.html', missing: 'missing.html' },
    },
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/ws': { target: 'ws://127.0.0.1:8080', ws: true },
    },
  },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.ts'],
    restoreMocks: true,
  },
});
