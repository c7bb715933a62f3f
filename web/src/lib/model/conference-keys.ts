// The keys of the call of a room as data, for the handler and for the help page alike.
import { callKeyOf, type CallKey } from './call-keys';
import type { Pressed } from './shortcuts';

export type ConferenceKey = CallKey | 'hand' | 'people' | 'leave';

/** What a key asks of the call; `single`: keys without Ctrl count, too. */
export function conferenceKeyOf(
  keys: Pressed,
  focused: { field: boolean; button: boolean },
  single: boolean,
): ConferenceKey | undefined {
  const isCommand = (keys.ctrlKey || keys.metaKey) && keys.shiftKey && !keys.altKey;
  if (isCommand) return keys.key.toLowerCase() === 'l' ? 'leave' : undefined;
  if (!single) return undefined;
  const known = callKeyOf(keys, focused);
  if (known || focused.field || keys.ctrlKey || keys.metaKey || keys.altKey || keys.shiftKey) return known;
  const actions: Record<string, ConferenceKey> = { h: 'hand', p: 'people' };
  return actions[keys.key.toLowerCase()];
}
