// The words of the wire, named exactly as docs/PROTOCOL.md names them. Only types: no code, no defaults.

export type PersonId = string;
export type RoomId = string;
export type Seq = number;
/** Milliseconds since 1970, UTC. */
export type Millis = number;

export type Role = 'subscriber' | 'editor' | 'owner' | 'privileged_owner' | 'listmaster';
export type Grant = 'read' | 'post' | 'mention_all' | 'call' | 'present' | 'send_files' | 'moderate' | 'manage';
export type Mode = 'open' | 'announce' | 'off';
export type Roster = 'members' | 'owners';
export type Language = 'en' | 'fr';
export type SanctionKind = 'mute' | 'ban';

export interface Config {
  site: string;
  language: Language;
  bridge: string;
  chat: string;
  signal: string;
  sign_in: { cookie: boolean; action: boolean; mail: boolean; password: boolean };
  sympa: { robot: string; url: string }[];
}

export interface SignedOut {
  signed_in: false;
  sympa_cookie: boolean;
}
export interface SignedIn {
  signed_in: true;
  person: PersonId;
  name: string;
  chosen_name: string | null;
  language: Language;
  listmaster: boolean;
}
export type Session = SignedOut | SignedIn;

export interface PersonName {
  person: PersonId;
  name: string;
}

export interface Room {
  id: RoomId;
  kind: 'list' | 'direct';
  address?: string;
  subject?: string;
  with?: PersonName;
  blocked?: boolean;
  roles: Role[];
  grants: Grant[];
  mode: Mode;
  concealed: boolean;
  muted_until: Millis | null;
  sympa_url?: string;
}

export interface Member extends PersonName {
  roles: Role[];
  concealed: boolean;
}

export interface Sanction extends PersonName {
  kind: SanctionKind;
  until: Millis;
  reason: string;
  by: string;
}

export interface RoomSettings {
  mode: Mode;
  roster: Roster;
  derived: boolean;
}

export interface RoomToken {
  room: RoomId;
  token: string;
  expires_at: Millis;
}
export interface Tokens {
  tokens: RoomToken[];
  refused: { room: RoomId; code: string }[];
}

/** Somebody who reacted; `seq` is the event that set it. */
export interface Reactor extends PersonName {
  seq: Seq;
}
export interface Reaction {
  emoji: string;
  by: Reactor[];
}

export interface Item {
  kind: 'message';
  seq: Seq;
  at: Millis;
  by: PersonId;
  name: string;
  body: string;
  nonce: string;
  reply_to?: Seq;
  mentions?: PersonId[];
  mention_all?: boolean;
  edited_at?: Millis;
  deleted?: { at: Millis; moderated: boolean };
  reactions?: Reaction[];
}

export interface History {
  items: Item[];
  first: boolean;
  last: boolean;
}

interface Told {
  seq: Seq;
  at: Millis;
  by: PersonId;
}
export interface Said extends Told {
  kind: 'said';
  name: string;
  nonce: string;
  body: string;
  reply_to?: Seq;
  mentions?: PersonId[];
  mention_all?: boolean;
}
export interface Edited extends Told {
  kind: 'edited';
  target: Seq;
  body: string;
  mentions?: PersonId[];
}
export interface Deleted extends Told {
  kind: 'deleted';
  target: Seq;
  moderated: boolean;
}
export interface Reacted extends Told {
  kind: 'reacted';
  name: string;
  target: Seq;
  emoji: string;
  on: boolean;
}
export type Event = Said | Edited | Deleted | Reacted;

export interface Presence {
  count: number;
  here?: PersonName[];
}
export interface Limits {
  frame_bytes: number;
  body_chars: number;
  rooms: number;
}

/** What a client may ask of a room; `ref` is added by the socket. */
export type Command =
  | {
      type: 'say';
      room: RoomId;
      nonce: string;
      body: string;
      reply_to?: Seq;
      mentions?: PersonId[];
      mention_all?: boolean;
    }
  | { type: 'edit'; room: RoomId; target: Seq; body: string; mentions?: PersonId[] }
  | { type: 'delete'; room: RoomId; target: Seq }
  | { type: 'react'; room: RoomId; target: Seq; emoji: string; on: boolean };

/** What a client tells without waiting for an answer. */
export type Notice =
  { type: 'read'; room: RoomId; seq: Seq } | { type: 'typing'; room: RoomId; on: boolean } | { type: 'ping' };

interface Counts {
  read: Seq;
  unread: number;
  mentions: number;
}
export interface Entered extends Counts {
  type: 'entered';
  ref: string;
  room: RoomId;
  seq: Seq;
  items: Item[];
  first: boolean;
  grants: Grant[];
  presence: Presence;
  topic?: string;
}
export interface Resumed extends Counts {
  type: 'resumed';
  ref: string;
  room: RoomId;
  seq: Seq;
  events: Event[];
  grants: Grant[];
  presence: Presence;
}
export interface Ok {
  type: 'ok';
  ref: string;
  room: RoomId;
  seq?: Seq;
}
export interface Refused {
  type: 'refused';
  ref?: string;
  room?: RoomId;
  code: string;
  retry_after_ms?: number;
}
export interface Removed {
  type: 'removed';
  room: RoomId;
  code: string;
  until?: Millis;
}

/** Frames about one room, after which that room's model changes. */
export type RoomFrame =
  | Entered
  | Resumed
  | { type: 'event'; room: RoomId; event: Event }
  | { type: 'presence'; room: RoomId; presence: Presence }
  | { type: 'typing'; room: RoomId; person: PersonId; name: string; on: boolean }
  | { type: 'read'; room: RoomId; seq: Seq; unread: number; mentions: number }
  | { type: 'grants'; room: RoomId; grants: Grant[]; roles: Role[] }
  | { type: 'roster'; room: RoomId }
  | { type: 'waiting'; room: RoomId; code: string }
  | Removed;

export type ServerFrame =
  | RoomFrame
  | Ok
  | Refused
  | { type: 'welcome'; limits: Limits; at: Millis }
  | { type: 'pong' }
  | { type: 'rooms' }
  | { type: 'renamed'; person: PersonId; name: string }
  | { type: 'resume'; after_ms: number };
