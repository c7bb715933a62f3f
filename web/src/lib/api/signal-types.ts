// The words of section 4 of docs/PROTOCOL.md under the names the page knows them by. The shapes are generated from signal-server's own
// document; here they are only named, and narrowed where it says less than the page. Only types: no code, no defaults.
import type { ConferenceCommand, ConferenceFrame } from './conference-types';
import type { components } from './schema/signal';
import type { WithoutRef } from './types';

type S = components['schemas'];

/** A call, or one fetching the files of an offer. */
export type LinkId = S['LinkId'];
export type OfferId = S['OfferId'];
export type Media = S['Media'];
export type Path = S['Path'];

/** What two browsers tell each other to connect. A candidate "" says that there are no more. */
export type Signal = S['Signal'];
export type OfferedFile = S['File'];

export type ClosedWhy = S['Closed'];
/** Only the server says "gone". */
export type CloseWhy = Exclude<ClosedWhy, 'gone'>;
export type EndedWhy = S['End'];

type Asked<Type extends S['Command']['type']> = Extract<S['Command'], { type: Type }>;
/** What is asked and answered; `ref` is added by the socket. */
export type SignalCommand = WithoutRef<
  | Asked<'ring' | 'accept' | 'decline' | 'hang_up' | 'return' | 'offer' | 'pull' | 'refuse'>
  | (Asked<'close'> & { why: CloseWhy })
  | ConferenceCommand
>;
/** What is told without waiting for an answer. */
export type SignalNotice = Asked<'signal' | 'quality'>;

export type SignalLimits = S['Limits'];

type FrameOf<Type extends S['Frame']['type']> = Extract<S['Frame'], { type: Type }>;
/** What was made has its name in it; what was not has no field. */
export type SignalOk = Omit<FrameOf<'ok'>, 'type' | 'link' | 'offer'> & { link?: LinkId; offer?: OfferId };
/** With servers as RTCPeerConnection takes them: what has no name has no field for it. */
export type Servers = FrameOf<'servers'> & { servers: RTCIceServer[] };

/** What the server says by itself. */
export type SignalFrame =
  | ConferenceFrame
  | FrameOf<
      | 'stands'
      | 'ringing'
      | 'connected'
      | 'away'
      | 'signal'
      | 'ended'
      | 'offered'
      | 'pulled'
      | 'refused_offer'
      | 'closed'
      | 'removed'
      | 'waiting'
    >;
