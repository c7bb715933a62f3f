// The words of the wire under the names docs/PROTOCOL.md gives them. The shapes are generated from the services' own documents;
// here they are only named, and narrowed where a document says less than the page. Only types: no code, no defaults.
import type { components as Bridge } from './schema/bridge';
import type { components as Chat } from './schema/chat';

type B = Bridge['schemas'];
type C = Chat['schemas'];

export type PersonId = string;
export type RoomId = string;
export type Seq = number;
/** Milliseconds since 1970, UTC. */
export type Millis = number;

export type Role = B['Role'];
export type Grant = B['Grant'];
export type Mode = B['Mode'];
export type Roster = B['Roster'];
export type Language = B['Language'];
export type SanctionKind = B['SanctionKind'];

export type Config = Omit<B['Site'], 'language'> & { language: Language };
export type SignedOut = B['SignedOut'] & { signed_in: false };
export type SignedIn = Omit<B['SignedIn'], 'language'> & { signed_in: true; language: Language };
export type Session = SignedOut | SignedIn;

export type PersonName = B['Named'];
export type Room = B['Room'];
export type Member = B['Member'];
export type Sanction = B['Sanction'];
export type RoomSettings = B['Settings'];
export type RoomToken = B['Token'];
export type Tokens = B['Tokens'];
export type Looked = B['Looked'];

export type Reactor = C['Reactor'];
export type Reaction = C['Reaction'];
export type Item = C['Item'];
export type Message = Extract<Item, { kind: 'message' }>;
export type CallItem = Extract<Item, { kind: 'call' }>;
export type ConferenceItem = Extract<Item, { kind: 'conference' }>;
export type OfferItem = Extract<Item, { kind: 'offer' }>;
export type History = C['Page'];
export type Act = C['Audited'];

export type Event = C['Event'];
/** What makes a line of its own. */
export type NewLine = Extract<Event, { kind: 'said' | 'called' | 'conferred' | 'offered' }>;

export type Presence = C['Presence'];
export type Limits = C['Limits'];

type Asked<Type extends C['Command']['type']> = Extract<C['Command'], { type: Type }>;
export type WithoutRef<Frame> = Frame extends object ? Omit<Frame, 'ref'> : never;
/** What a client may ask of a room; `ref` is added by the socket. */
export type Command = WithoutRef<Asked<'say' | 'edit' | 'delete' | 'react'>>;
/** What a client tells without waiting for an answer. */
export type Notice = Asked<'read' | 'typing' | 'ping'>;

export type ServerFrame = C['Frame'];
type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;
export type Entered = FrameOf<'entered'>;
export type Resumed = FrameOf<'resumed'>;
export type Ok = FrameOf<'ok'>;
export type Refused = FrameOf<'refused'>;

/** Frames about one room, after which that room's model changes. */
export type RoomFrame =
  Entered | Resumed | FrameOf<'removed' | 'event' | 'presence' | 'typing' | 'read' | 'grants' | 'roster' | 'waiting'>;
