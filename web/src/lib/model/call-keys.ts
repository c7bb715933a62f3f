// The keys of a call as data, for the handler and for the help page alike.
import type { Pressed } from './shortcuts';

export type CallKey = 'microphone' | 'camera' | 'screen' | 'hold';

/** What a key asks of the call; nothing when it belongs to a field, a button, or a combination. */
export function callKeyOf(keys: Pressed, focused: { field: boolean; button: boolean }): CallKey | undefined {
  if (keys.ctrlKey || keys.metaKey || keys.altKey || keys.shiftKey || focused.field) return undefined;
  if (keys.key === ' ') return focused.button ? undefined : 'hold';
  const actions: Record<string, CallKey> = { m: 'microphone', v: 'camera', s: 'screen' };
  return actions[keys.key.toLowerCase()];
}
