// How the app is built: relative addresses (the server writes <base href> into index.html), no inlined assets (strict CSP).
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  base: './',
  // Tests read the compiled texts that `npm run messages` has made before them.
  plugins: [
    mode !== 'test' && paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide' }),
    svelte(),
  ],
  resolve: {
    alias: { $lib: new URL('./src/lib', import.meta.url).pathname },
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true }, '/config.json': 'http://127.0.0.1:8080' },
  },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'] },
}));
