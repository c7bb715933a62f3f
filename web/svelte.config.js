// What the Svelte compiler, the editor and svelte-check agree on.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default { preprocess: vitePreprocess({ script: false }) };
