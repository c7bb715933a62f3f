// Taste and edges: who may import whom, and who may name fetch, WebSocket and the document.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const network = ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource'].map((name) => ({
  name,
  message: 'Only lib/api talks to the network.',
}));
const page = ['document', 'window', 'localStorage', 'sessionStorage', 'location', 'history', 'navigator'].map(
  (name) => ({
    name,
    message: 'Models know no page; pass what is needed.',
  }),
);
const restrict = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } });

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/paraglide', 'src/lib/api/schema'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs['flat/recommended'],
  ...svelte.configs['flat/prettier'],
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
      'max-lines': ['error', { max: 400 }],
      'no-warning-comments': 'error',
    },
  },
  { files: ['**/*.svelte'], rules: { 'max-lines': ['error', { max: 200 }] } },
  { files: ['src/**'], ignores: ['src/lib/api/**'], rules: { 'no-restricted-globals': ['error', ...network] } },
  { files: ['src/lib/model/**'], rules: { 'no-restricted-globals': ['error', ...network, ...page] } },
  restrict(['src/lib/model/**'], [{ group: ['**/ui/**', '**/screens/**'], message: 'Models know no views.' }]),
  restrict(
    ['src/lib/ui/**'],
    [{ group: ['**/model/**', '**/api/**', '**/screens/**'], message: 'Controls take data and callbacks.' }],
  ),
  restrict(
    ['src/lib/api/**'],
    [{ group: ['**/model/**', '**/ui/**', '**/screens/**'], message: 'The API knows only the wire.' }],
  ),
  restrict(
    ['src/screens/**'],
    [{ group: ['**/api/client', '**/api/socket', '**/api/tokens'], message: 'Views ask models.' }],
  ),
);
