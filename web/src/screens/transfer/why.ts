// Why a transfer did not begin or did not end well, each as a sentence with a next step.
import type { Receiving } from '../../lib/model/receiving.svelte';
import type { Sending } from '../../lib/model/offering.svelte';
import { m } from '../../lib/paraglide/messages';
import { size } from '../../lib/text/amounts';
import { sentence } from '../../lib/text/words';

/** What the server or this browser answered to an offer or its acceptance. */
export function refusal(code: string, space = 0): string {
  if (code === 'no_space') return m.transfer_no_space({ space: size(space) });
  if (code === 'elsewhere') return m.transfer_elsewhere();
  if (code === 'too_many_files') return m.transfer_too_many_files();
  if (code === 'too_many') return m.transfer_too_many_offers();
  if (code === 'no_such_offer') return m.transfer_gone();
  return sentence(code);
}

export function whyReceivingEnded({ why, byMe, kept: { name } }: Receiving): string {
  switch (why) {
    case 'cancelled':
      return byMe ? m.transfer_cancelled_by_me() : m.transfer_cancelled_by({ name });
    case 'withdrawn':
      return m.transfer_withdrawn_by({ name });
    case 'not_allowed':
      return sentence('not_allowed');
    case 'full':
      return m.transfer_disk_full();
    case 'unwritable':
      return m.transfer_unwritable();
    case 'unreadable':
    case 'changed':
      return m.transfer_unreadable_there({ name });
    case 'mismatch':
      return m.transfer_mismatch();
    default:
      return m.transfer_broken({ name });
  }
}

export function whySendingEnded({ why, byMe, name }: Sending): string {
  switch (why) {
    case 'cancelled':
      return byMe ? m.transfer_cancelled_by_me() : m.transfer_cancelled_by({ name });
    case 'changed':
      return m.transfer_changed_here();
    case 'unreadable':
      return m.transfer_unreadable_here();
    case 'full':
      return m.transfer_full_there({ name });
    case 'lost':
      return m.transfer_lost_there({ name });
    default:
      return m.transfer_failed_there({ name });
  }
}
