// What the first look at a room does not need. A part of its own, so that the first message does not wait for it; see parts.ts.
export { load as loadEmoji } from '../lib/text/emoji';
export { default as MembersPanel } from './panel/MembersPanel.svelte';
export { default as RoomSettingsPanel } from './panel/RoomSettingsPanel.svelte';
export { default as DeleteDialog } from './room/DeleteDialog.svelte';
export { default as FormatBar } from './room/FormatBar.svelte';
export { default as ReactDialog } from './room/ReactDialog.svelte';
export { default as SettingsPage } from './settings/SettingsPage.svelte';
export { default as Shortcuts } from './settings/Shortcuts.svelte';
export { default as SignIn } from './signin/SignIn.svelte';
export { default as Ticket } from './signin/Ticket.svelte';
