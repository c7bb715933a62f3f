// The language of conferences, as signal-server speaks it (signal-server/src/protocol/conference.rs; docs/PROTOCOL.md section 4).
// Only types: no code, no defaults.
import type { Millis, PersonId, PersonName, RoomId } from './types';

/** A conference, from its first to its last participant. */
export type ConferenceId = string;

export type Source = 'microphone' | 'camera' | 'screen' | 'screen_sound';
export type Quality = 'good' | 'low' | 'bad';
/** How much somebody receives: what the line carries, small pictures, or no pictures. */
export type Receive = 'all' | 'low' | 'audio';
export type Emoji = 'thumbs_up' | 'thumbs_down' | 'applause' | 'heart' | 'laughter' | 'surprise' | 'party' | 'thinking';

/** What somebody has on. */
export interface Shows {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
}

/** A picture that is to be seen, and how high it is on the screen, in pixels. */
export interface WantedTile {
  person: PersonId;
  source: 'camera' | 'screen';
  height: number;
  /** It keeps its quality when the line is narrow. */
  pinned?: boolean;
}

export interface Want {
  receive: Receive;
  tiles: WantedTile[];
}

export interface Participant extends PersonName {
  /** May mute, send out, lock and end. */
  leads: boolean;
  shows: Shows;
  /** The hand is up since then. */
  hand?: Millis | null;
  /** The line is cut; they may come back. */
  away: boolean;
}

/** What comes in a section of an offer of the server. */
export interface Stream {
  mid: string;
  person: PersonId;
  source: Source;
}

/** A conference to which somebody comes back. */
export interface Back {
  call: ConferenceId;
  since: Millis;
}

export type Act =
  | { kind: 'join'; shows: Shows; back?: Back; here?: boolean }
  | { kind: 'leave' | 'end' }
  | { kind: 'publish'; sdp: string; sources: Record<string, Source> }
  | { kind: 'take'; number: number; sdp: string }
  | { kind: 'shows'; shows: Shows }
  | { kind: 'want'; want: Want }
  | { kind: 'hand'; up: boolean }
  | { kind: 'react'; emoji: Emoji }
  | { kind: 'mute'; person?: PersonId }
  | { kind: 'ask' | 'lower' | 'remove'; person: PersonId }
  | { kind: 'lock'; locked: boolean };

/** Why somebody is not in a conference any more. */
export type Out = 'left' | 'lost' | 'elsewhere' | 'removed' | 'not_allowed' | 'ended';

/** What everybody in the room is told of a conference that goes on; `people`: the first of them. */
export interface Live {
  call: ConferenceId;
  since: Millis;
  count: number;
  people: PersonName[];
  locked: boolean;
}

export interface Joined {
  call: ConferenceId;
  since: Millis;
  locked: boolean;
  people: Participant[];
}

export interface Offered {
  number: number;
  sdp: string;
  streams: Stream[];
}

export type News =
  | ({ kind: 'live' } & Live)
  | { kind: 'over'; call: ConferenceId }
  | ({ kind: 'joined' } & Joined)
  | ({ kind: 'person' } & Participant)
  | { kind: 'left'; person: PersonId; why: Out }
  | { kind: 'answer'; sdp: string }
  | ({ kind: 'offer' } & Offered)
  | { kind: 'failed'; code: string }
  | { kind: 'speaking'; person?: PersonId | null }
  | { kind: 'reaction'; person: PersonId; emoji: Emoji }
  | { kind: 'muted' | 'asked'; by: string }
  | { kind: 'locked'; locked: boolean }
  | { kind: 'line'; send: Quality; receive: Quality }
  | { kind: 'out'; why: Out };

export interface ConferenceCommand {
  type: 'conference';
  room: RoomId;
  act: Act;
}

export interface ConferenceFrame {
  type: 'conference';
  room: RoomId;
  news: News;
}
