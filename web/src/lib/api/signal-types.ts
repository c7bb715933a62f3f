// The words of section 4 of docs/PROTOCOL.md: what signal-server is asked and what it says. Only types: no code, no defaults.
import type { Grant, Millis, PersonId, RoomId } from './types';

/** A call, or one fetching the files of an offer. */
export type LinkId = string;
export type OfferId = string;
export type Media = 'audio' | 'video';
export type Path = 'direct' | 'relayed';

/** What two browsers tell each other to connect. A candidate "" says that there are no more. */
export type Signal = { kind: 'offer' | 'answer'; sdp: string } | { kind: 'candidate'; candidate: string; mid: string };

export interface OfferedFile {
  name: string;
  size: number;
  /** The media type. */
  kind: string;
}

export type CloseWhy = 'done' | 'declined' | 'withdrawn';
export type ClosedWhy = CloseWhy | 'gone';
export type EndedWhy = 'hung_up' | 'declined' | 'missed' | 'elsewhere' | 'lost' | 'not_allowed' | 'closed';

interface RelayWish {
  relay_only?: boolean;
}

/** What is asked and answered; `ref` is added by the socket. */
export type SignalCommand =
  | ({ type: 'ring'; room: RoomId; person: PersonId; media: Media } & RelayWish)
  | ({ type: 'accept'; link: LinkId } & RelayWish)
  | { type: 'decline' | 'hang_up'; link: LinkId }
  | ({ type: 'return'; room: RoomId; link: LinkId; with: PersonId; called: boolean; media: Media } & RelayWish)
  | ({ type: 'offer'; room: RoomId; offer?: OfferId; files: OfferedFile[]; count: number; size: number } & RelayWish)
  | { type: 'close'; offer: OfferId; why: CloseWhy }
  | ({ type: 'pull'; offer: OfferId } & RelayWish)
  | { type: 'refuse'; offer: OfferId };

/** What is told without waiting for an answer. */
export type SignalNotice =
  | { type: 'signal'; link: LinkId; signal: Signal }
  | { type: 'quality'; link: LinkId; rtt_ms: number; lost_permille: number; path: Path };

export interface SignalOk {
  ref: string;
  room?: RoomId;
  link?: LinkId;
  offer?: OfferId;
}

export interface SignalLimits {
  frame_bytes: number;
  rooms: number;
  offers: number;
  files: number;
}

export interface Servers {
  ref: string;
  servers: { urls: string[]; username?: string; credential?: string }[];
  until: Millis;
  relay_only: boolean;
}

/** What the server says by itself. */
export type SignalFrame =
  | { type: 'stands'; room: RoomId; grants: Grant[] }
  | { type: 'ringing'; link: LinkId; room: RoomId; person: PersonId; name: string; media: Media; until: Millis }
  | { type: 'connected'; link: LinkId; person: PersonId; polite: boolean; relay_only: boolean }
  | { type: 'away'; link: LinkId }
  | { type: 'signal'; link: LinkId; signal: Signal }
  | { type: 'ended'; link: LinkId; why: EndedWhy }
  | {
      type: 'offered';
      room: RoomId;
      offer: OfferId;
      person: PersonId;
      name: string;
      files: OfferedFile[];
      count: number;
      size: number;
      at: Millis;
    }
  | { type: 'pulled'; offer: OfferId; link: LinkId; person: PersonId; name: string }
  | { type: 'refused_offer'; offer: OfferId; person: PersonId; name: string }
  | { type: 'closed'; room: RoomId; offer: OfferId; why: ClosedWhy }
  | { type: 'removed' | 'waiting'; room: RoomId; code: string };
