// Puts refusals and ends of the call of a room into sentences with a next step.
import type { Emoji } from '../../lib/api/conference-types';
import type { Conference } from '../../lib/model/conference.svelte';
import { m } from '../../lib/paraglide/messages';
import { lasted } from '../../lib/text/time';
import { sentence } from '../../lib/text/words';

/** Why somebody could not join. `again`: they have asked to move the call here already. */
export function refusalSentence(code: string, again: boolean): string {
  const sentences: Record<string, () => string> = {
    in_a_call: again ? m.call_in_a_call : m.conference_elsewhere_question,
    locked: m.conference_locked,
    full: m.conference_full,
    removed: m.conference_removed,
    not_allowed: m.conference_not_allowed,
    offline: m.call_offline,
  };
  return (sentences[code] ?? (() => sentence(code)))();
}

/** How a conference ended for this person. */
export function endSentence({ why, since, until }: Pick<Conference, 'why' | 'since' | 'until'>): string {
  const left = () =>
    since === null || until === null ? m.conference_left() : m.conference_left_after({ time: lasted(until - since) });
  const sentences: Record<string, () => string> = {
    left,
    lost: m.conference_lost,
    elsewhere: m.conference_elsewhere,
    removed: m.conference_removed,
    not_allowed: m.conference_not_allowed,
    locked: m.conference_locked,
    full: m.conference_full,
    ended: m.conference_ended,
  };
  return why === null ? '' : (sentences[why] ?? (() => sentence(why)))();
}

export const EMOJI_WORDS: Record<Emoji, () => string> = {
  thumbs_up: m.conference_emoji_thumbs_up,
  thumbs_down: m.conference_emoji_thumbs_down,
  applause: m.conference_emoji_applause,
  heart: m.conference_emoji_heart,
  laughter: m.conference_emoji_laughter,
  surprise: m.conference_emoji_surprise,
  party: m.conference_emoji_party,
  thinking: m.conference_emoji_thinking,
};
