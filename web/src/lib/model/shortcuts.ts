// The keyboard map as data: which keys mean what, for the handler and for the help page alike.

export type Action =
  | 'find'
  | 'next'
  | 'previous'
  | 'nextUnread'
  | 'previousUnread'
  | 'region'
  | 'regionBack'
  | 'firstUnread'
  | 'help'
  | 'escape';

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** Which action these keys ask for; single keys only when the focus is not in a field. */
export function actionOf(keys: Pressed, inField: boolean, singleKeys: boolean): Action | undefined {
  const command = keys.ctrlKey || keys.metaKey;
  if (command && !keys.altKey && keys.key.toLowerCase() === 'k') return 'find';
  if (command && keys.key === '/') return 'help';
  if (keys.key === 'F6') return keys.shiftKey ? 'regionBack' : 'region';
  if (keys.altKey && !command && keys.key === 'ArrowDown') return keys.shiftKey ? 'nextUnread' : 'next';
  if (keys.altKey && !command && keys.key === 'ArrowUp') return keys.shiftKey ? 'previousUnread' : 'previous';
  if (keys.key === 'Escape') return 'escape';
  if (inField || !singleKeys || command || keys.altKey) return undefined;
  if (keys.key === '?') return 'help';
  return keys.key.toLowerCase() === 'n' ? 'nextUnread' : undefined;
}

export type MessageAction = 'reply' | 'edit' | 'react' | 'link' | 'delete';

/** What a key asks of the focused message. */
export function messageActionOf(keys: Pressed, singleKeys: boolean): MessageAction | undefined {
  if (keys.ctrlKey || keys.metaKey || keys.altKey) return undefined;
  if (keys.key === 'Delete') return 'delete';
  if (!singleKeys) return undefined;
  const actions: Record<string, MessageAction> = { r: 'reply', e: 'edit', ':': 'react', l: 'link' };
  return actions[keys.key.toLowerCase()];
}
