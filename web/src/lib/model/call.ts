// What a call can be in, and how what is known of its line makes it so. Pure: no browser, no clock.
import type { EndedWhy } from '../api/signal-types';

export type CallState = 'pre-join' | 'ringing-out' | 'ringing-in' | 'connecting' | 'talking' | 'reconnecting' | 'ended';

/** Why it is over: what the server says, what it refuses with, or what happened here. */
export type EndReason = EndedWhy | 'absent' | 'busy' | 'in_a_call' | 'cancelled' | (string & {});

/** What is known of the line between the two browsers. */
export interface LineFacts {
  connection: RTCPeerConnectionState;
  /** There was a way once. */
  established: boolean;
  /** The other one's line to the server is cut. */
  away: boolean;
}

export function stateOf({ connection, established, away }: LineFacts): CallState {
  if (connection === 'connected') return 'talking';
  if (!established && !away) return 'connecting';
  return 'reconnecting';
}

/** Whether sound and pictures may flow, or are about to. */
export function isLive(state: CallState): boolean {
  return state === 'connecting' || state === 'talking' || state === 'reconnecting';
}

export type Remedy = 'nothing' | 'restart' | 'anew';

/**
 * What to do when the server says (again) that both are there. A line that stood is only looked for anew by one of the two, so that they
 * do not cross; one that never stood is begun anew by both.
 */
export function remedy(old: { established: boolean; same: boolean } | null, polite: boolean): Remedy {
  if (!old || !old.established || !old.same) return 'anew';
  return polite ? 'nothing' : 'restart';
}

/** Minutes and seconds, or hours, of a call. */
export function lasted(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
