// Writes the types of the services' answers and frames from their OpenAPI documents: `npm run schema`. A test asks for the same texts.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const here = new URL('./', import.meta.url);
export const SCHEMAS = {
  bridge: '../sympa-bridge/openapi.json',
  chat: '../chat-server/openapi.json',
  signal: '../signal-server/openapi.json',
};

export const fileOf = (name) => new URL(`src/lib/api/schema/${name}.ts`, here);

/** The text of one file of types: the shapes alone, for the client names its own requests. */
export async function generate(name) {
  const document = JSON.parse(await readFile(new URL(SCHEMAS[name], here), 'utf8'));
  const head = `// Made from ${SCHEMAS[name].slice(3)} by \`npm run schema\`; not to be changed by hand.\n`;
  return head + astToString(await openapiTS({ ...document, paths: {} }));
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href)
  for (const name of Object.keys(SCHEMAS)) await writeFile(fileOf(name), await generate(name));
