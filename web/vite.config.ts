// How the app is built: relative addresses (the server writes <base href> into index.html), no inlined assets (strict CSP).
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
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

/** Puts beside each asset a small one for browsers that read Brotli: as small as that takes too long to do at each request. */
const compressed = {
  name: 'compressed',
  apply: 'build' as const,
  // Only what is written is final: until then addresses in it still change.
  writeBundle({ dir = 'dist' }: { dir?: string }, bundle: Record<string, unknown>) {
    for (const name of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
      writeFileSync(join(dir, `${name}.br`), brotliCompressSync(readFileSync(join(dir, name))));
    }
  },
};

export default defineConfig(({ mode }) => ({
  base: './',
  // Tests read the compiled texts that `npm run messages` has made before them.
  plugins: [
    mode !== 'test' && paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide' }),
    svelte(),
    runAhead,
    compressed,
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
