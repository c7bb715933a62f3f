// The parts of the app that arrive after its first screen.
import type { Symposium } from './lib/model/symposium.svelte';

/** What the first look at a room does not need. */
export const later = () => import('./screens/later');

/** What calls and transfers need. */
export const exchange = () => import('./screens/exchange');

/** Fetches all that, once the first room stands, so that it is there when somebody asks for it, even without a line by then. */
export async function fetchTheRest(app: Symposium): Promise<void> {
  try {
    await (await later()).loadEmoji();
    const { Exchange } = await exchange();
    app.meet((parts) => new Exchange({ ...parts, devices: navigator.mediaDevices }));
  } catch {
    // Whoever asks for it will be told.
  }
}
