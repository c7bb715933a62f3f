// The first script of the page: small, so that it arrives long before the app and asks for what the app will need.
import { goAhead, type Ahead } from './lib/model/ahead';
import { addresses, basePath, Client, readConfig, type Addresses } from './lib/api/client';
import { Store, type Keeper } from './lib/model/store';
import { later } from './parts';
import type { Config } from './lib/api/types';

function keeper(): Keeper | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

export interface Beginning {
  config: Config;
  at: Addresses;
  client: Client;
  ahead: Ahead | undefined;
}

export const base = basePath();
export const store = new Store(keeper(), `symposium:${base.pathname}:`);

/** Who follows a sign-in link may become somebody else, so nothing is asked for in the name of the former. */
const links = location.pathname.startsWith(`${base.pathname}sign-in/`);

export async function begin(): Promise<Beginning> {
  const config = await readConfig(base);
  const at = addresses(base, config);
  const client = new Client(at);
  const ahead = links ? undefined : goAhead(client, at.chat, store);
  // Signing in is not part of the first screen of those who are signed in.
  if (!ahead) later().catch(() => undefined);
  return { config, at, client, ahead };
}

export const first = begin();
first.catch(() => undefined);
