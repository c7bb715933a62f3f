// The parts of the app that arrive after its first screen.

/** What the first look at a room does not need. */
export const later = () => import('./screens/later');

/** Fetches all that, once the first room stands, so that it is there when somebody asks for it, even without a line by then. */
export async function fetchTheRest(): Promise<void> {
  try {
    await (await later()).loadEmoji();
  } catch {
    // Whoever asks for it will be told.
  }
}
