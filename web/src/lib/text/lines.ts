// A call, the call of a room or an offer of files as one sentence, as the reader sees it.
import type { CallItem, ConferenceItem, NewLine, OfferItem, PersonId } from '../api/types';
import { m } from '../paraglide/messages';
import { shown } from '../transfer/names';
import { size } from './amounts';
import { lasted } from './time';

type Call = CallItem | (NewLine & { kind: 'called' });
type Offer = OfferItem | (NewLine & { kind: 'offered' });

/** "Missed call from Anna", "Call with Bob, 12 min". `nameOf`: what somebody is called, if that is known. */
export function callLine(
  { by, name, to, media, outcome, lasted_ms }: Call,
  me: PersonId,
  nameOf: (person: PersonId) => string | undefined,
): string {
  const known = nameOf(to);
  const other = known ?? m.line_somebody();
  const time = lasted(lasted_ms);
  const line = (): string => {
    if (by === me) {
      if (outcome === 'ended') return m.line_call_ended_mine({ name: other, time, media });
      const declined = outcome === 'declined';
      return declined
        ? m.line_call_declined_out({ name: other, media })
        : m.line_call_missed_out({ name: other, media });
    }
    if (to === me) {
      if (outcome === 'ended') return m.line_call_ended_mine({ name, time, media });
      return outcome === 'declined' ? m.line_call_declined_in({ name, media }) : m.line_call_missed_in({ name, media });
    }
    if (outcome === 'ended') return m.line_call_ended({ name, other, time, media });
    return outcome === 'declined'
      ? m.line_call_declined({ name, other, media })
      : m.line_call_missed({ name, other, media });
  };
  const words = line();
  // "somebody" may be the first word.
  return known ? words : words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** "Call, 12 people, 43 min". */
export function conferenceLine({ people, lasted_ms }: Pick<ConferenceItem, 'people' | 'lasted_ms'>): string {
  return m.line_conference({ count: people, time: lasted(lasted_ms) });
}

/** "Anna offers tulips.jpg, 1 MB". */
export function offerLine({ by, name, files, count, size: bytes }: Offer, me: PersonId): string {
  const words = { name, count, file: shown(files[0]?.name ?? ''), size: size(bytes) };
  return by === me ? m.line_offer_mine(words) : m.line_offer(words);
}
