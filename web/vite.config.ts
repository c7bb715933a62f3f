// How the app is built: relative addresses (the server writes <base href> into index.html), no inlined assets (strict CSP).
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/**
 * The small first script is not only fetched beside the app but run as soon as it is there: it asks the server for what the app
 * will need while the app is still on its way.
 */
const runAhead = {
  name: 'run-ahead',
  transformIndexHtml: {
    order: 'post' as const,
    handler: (page: string) => {
      const hint = /<link rel="modulepreload" crossorigin href="(\.\/assets\/ahead-[^"]+)">\s*/;
      const address = hint.exec(page)?.[1];
      if (!address) return page;
      const script = `<script type="module" async fetchpriority="high" crossorigin src="${address}"></script>\n    `;
      return page.replace(hint, '').replace('<script type="module"', `${script}<script type="module"`);
    },
  },
};

export default defineConfig(({ mode }) => ({
  base: './',
  // Tests read the compiled texts that `npm run messages` has made before them.
  plugins: [
    mode !== 'test' && paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide' }),
    svelte(),
    runAhead,
  ],
  resolve: {
    alias: { $lib: new URL('./src/lib', import.meta.url).pathname },
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: 'index.html', ahead: 'src/ahead.ts' } },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true }, '/config.json': 'http://127.0.0.1:8080' },
  },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'] },
}));
