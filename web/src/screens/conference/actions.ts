// What one can do in the call of a room, for its buttons and its keys alike, and what is said about it aloud.
import type { Act, Emoji } from '../../lib/api/conference-types';
import type { PersonName } from '../../lib/api/types';
import type { Conferences } from '../../lib/model/conferences.svelte';
import type { Symposium } from '../../lib/model/symposium.svelte';
import { m } from '../../lib/paraglide/messages';
import { MediaActions } from '../call/media-actions';

export class ConferenceActions extends MediaActions {
  constructor(
    app: Symposium,
    private readonly conferences: Conferences,
  ) {
    super(app, () => conferences.own);
  }

  /** Whether this person may share the screen in this room. */
  get mayPresent(): boolean {
    const { current } = this.conferences;
    return current !== null && (this.app.rooms?.get(current.room)?.may('present') ?? false);
  }

  async screen(): Promise<void> {
    const { own } = this;
    if (!own) return;
    if (own.tracks.screen) return own.stop('screen');
    if (!this.mayPresent) return this.app.tell(m.conference_screen_denied(), true);
    if (await own.shareScreen(true)) this.app.announcer.say(m.conference_your_screen());
    else if (own.problems.screen) this.app.tell(m.call_screen_failed(), true);
  }

  async hand(): Promise<void> {
    const { current } = this.conferences;
    if (!current) return;
    const up = current.turn === null;
    const code = await current.raise(up);
    if (this.app.report(code)) this.app.announcer.say(up ? m.conference_hand_up_said() : m.conference_hand_down_said());
  }

  async react(emoji: Emoji): Promise<void> {
    const { current } = this.conferences;
    if (current) this.app.report(await current.react(emoji));
  }

  people(): void {
    const { view } = this.conferences;
    if (!view) return;
    if (this.conferences.large) view.toggle('people');
    else [view.side, this.conferences.large] = ['people', true];
  }

  leave(): void {
    this.conferences.live?.leave();
  }

  mute({ person, name }: PersonName): Promise<void> {
    return this.#lead({ kind: 'mute', person }, m.conference_was_muted({ name }));
  }
  muteEveryone(): Promise<void> {
    return this.#lead({ kind: 'mute' }, m.conference_muted_everyone());
  }
  ask({ person, name }: PersonName): Promise<void> {
    return this.#lead({ kind: 'ask', person }, m.conference_was_asked({ name }));
  }
  lower({ person, name }: PersonName): Promise<void> {
    return this.#lead({ kind: 'lower', person }, m.conference_was_lowered({ name }));
  }
  remove({ person, name }: PersonName): Promise<void> {
    return this.#lead({ kind: 'remove', person }, m.conference_was_removed({ name }));
  }
  lock(locked: boolean): Promise<void> {
    return this.#lead({ kind: 'lock', locked }, locked ? m.conference_is_locked() : m.conference_is_open());
  }
  end(): Promise<void> {
    return this.#lead({ kind: 'end' }, m.conference_ended());
  }

  async #lead(act: Act, done: string): Promise<void> {
    const { current } = this.conferences;
    if (current && this.app.report(await current.do(act))) this.app.announcer.say(done);
  }
}
