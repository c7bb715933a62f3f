// @vitest-environment node
// The types of the wire are those of the services: the committed files are what their OpenAPI documents give.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { fileOf, generate, SCHEMAS } from '../schema.js';

it.each(Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[])('%s', async (name) => {
  const committed = await readFile(fileOf(name), 'utf8');
  expect(committed === (await generate(name)), `src/lib/api/schema/${name}.ts is out of date: npm run schema`).toBe(
    true,
  );
});
