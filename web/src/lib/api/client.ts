// Typed requests to the bridge and to the chat's history. Knows addresses and problem answers; keeps no state.
import { Problem } from './problem';
import type {
  Act,
  Config,
  History,
  Language,
  Member,
  PersonId,
  Room,
  RoomId,
  RoomSettings,
  Sanction,
  SanctionKind,
  Seq,
  Session,
  Tokens,
} from './types';

export type HistoryQuery = { before: Seq } | { after: Seq } | { around: Seq };

export interface Addresses {
  bridge: URL;
  chat: URL;
  signal: URL;
}

/** The base path of the site: the server writes <base href> into the page; without one the app lives at the root. */
export function basePath(): URL {
  return new URL(document.querySelector('base')?.href ?? '/', location.href);
}

export async function readConfig(base: URL): Promise<Config> {
  // The page has begun to fetch it before this code arrived.
  return ask<Config>(new URL('config.json', base), { method: 'GET', cache: 'default' });
}

export function addresses(base: URL, config: Config): Addresses {
  const at = (address: string) => new URL(address, base);
  return { bridge: at(config.bridge), chat: at(config.chat), signal: at(config.signal) };
}

async function ask<T>(url: URL, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, { cache: 'no-store', ...init });
  } catch {
    throw new Problem('offline');
  }
  if (answer.status === 202 || answer.status === 204) return undefined as T;
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return body as T;
  // Not our words: the page of a network that wants a login of its own, or of a proxy. Later it may be us.
  if (answer.ok) throw new Problem('unavailable', 502);
  const { code, retry_after_ms, until } = (body ?? {}) as { code?: string; retry_after_ms?: number; until?: number };
  throw new Problem(code ?? 'unavailable', answer.status, retry_after_ms ?? retryAfterMs(answer.headers), until);
}

/** What a proxy on the way says about when to come back: seconds, or a date. */
function retryAfterMs(headers: Headers): number | undefined {
  const said = headers.get('retry-after');
  if (!said) return undefined;
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

export class Client {
  constructor(private readonly at: Addresses) {}

  session = () => this.#bridge<Session>('GET', 'session');
  signInWithSympa = () => this.#bridge<Session>('POST', 'session/sympa', {});
  signInWithPassword = (email: string, password: string) =>
    this.#bridge<Session>('POST', 'session/password', { email, password });
  sendLink = (email: string, room?: string) =>
    this.#bridge<undefined>('POST', 'session/mail-link', room ? { email, room } : { email });
  lookAtTicket = (ticket: string) =>
    this.#bridge<{ name: string; room: string | null }>('POST', 'session/ticket/look', { ticket });
  useTicket = (ticket: string) => this.#bridge<Session>('POST', 'session/ticket', { ticket });
  signOut = () => this.#bridge<undefined>('DELETE', 'session', {});
  saveProfile = (profile: { name?: string | null; language?: Language }) =>
    this.#bridge<Session>('PUT', 'profile', profile);

  rooms = () => this.#bridge<{ rooms: Room[] }>('GET', 'rooms');
  roomAt = (address: string) => this.#bridge<Room>('GET', `rooms/at/${encodeURIComponent(address)}`);
  tokens = (rooms: RoomId[], audience: 'chat' | 'signal' = 'chat') =>
    this.#bridge<Tokens>('POST', 'tokens', { audience, rooms });
  direct = (person: PersonId) => this.#bridge<Room>('POST', 'direct', { person });
  block = (room: RoomId, on: boolean) => this.#bridge<undefined>(on ? 'PUT' : 'DELETE', `direct/${room}/block`, {});

  members = (room: RoomId) => this.#bridge<{ members: Member[]; complete: boolean }>('GET', `rooms/${room}/members`);
  sanctions = (room: RoomId) => this.#bridge<{ sanctions: Sanction[] }>('GET', `rooms/${room}/sanctions`);
  sanction = (room: RoomId, person: PersonId, kind: SanctionKind, until: number, reason: string) =>
    this.#bridge<undefined>('PUT', `rooms/${room}/sanctions`, { person, kind, until, ...(reason ? { reason } : {}) });
  lift = (room: RoomId, person: PersonId, kind: SanctionKind) =>
    this.#bridge<undefined>('DELETE', `rooms/${room}/sanctions/${person}/${kind}`, {});
  settings = (room: RoomId) => this.#bridge<RoomSettings>('GET', `rooms/${room}/settings`);
  saveSettings = (room: RoomId, { mode, roster, relay_only }: RoomSettings) =>
    this.#bridge<undefined>('PUT', `rooms/${room}/settings`, { mode, roster, relay_only });

  audit = (room: RoomId, token: string) =>
    ask<{ acts: Act[] }>(new URL(`rooms/${room}/audit`, this.at.chat), {
      headers: { authorization: `Bearer ${token}` },
    });

  history(room: RoomId, token: string, query: HistoryQuery, limit: number): Promise<History> {
    const url = new URL(`rooms/${room}/history`, this.at.chat);
    for (const [key, seq] of Object.entries(query)) url.searchParams.set(key, String(seq));
    url.searchParams.set('limit', String(limit));
    return ask<History>(url, { headers: { authorization: `Bearer ${token}` } });
  }

  #bridge<T>(method: string, path: string, body?: object): Promise<T> {
    return ask<T>(new URL(path, this.at.bridge), {
      method,
      credentials: 'include',
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  }
}
