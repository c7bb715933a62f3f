// Takes up files that a person gave, for the sheet in which they are offered. What was dropped is read at once: the browser forgets it.
import type { RoomModel } from '../../lib/model/room.svelte';
import type { Symposium } from '../../lib/model/symposium.svelte';
import type { Transfers } from '../../lib/model/transfers.svelte';
import { m } from '../../lib/paraglide/messages';
import { TooMany } from '../../lib/transfer/gather';
import type { Source } from '../../lib/transfer/sender';
import { refusal } from './why';

export async function draft(
  app: Symposium,
  transfers: Transfers,
  room: RoomModel,
  gather: () => Source[] | Promise<Source[]>,
): Promise<void> {
  try {
    const sources = await gather();
    if (sources.length === 0) return app.tell(m.transfer_nothing());
    transfers.draft = { room: room.id, sources };
  } catch (error) {
    app.tell(error instanceof TooMany ? refusal('too_many_files') : m.transfer_unreadable_here(), true);
  }
}
