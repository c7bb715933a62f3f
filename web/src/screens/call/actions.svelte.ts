// What one can do in a call, for its buttons and its keys alike, and what is said about it aloud.
import type { Symposium } from '../../lib/model/symposium.svelte';
import type { Calls } from '../../lib/model/calls.svelte';
import { m } from '../../lib/paraglide/messages';
import { MediaActions } from './media-actions';

export class CallActions extends MediaActions {
  constructor(
    app: Symposium,
    private readonly calls: Calls,
  ) {
    super(app, () => calls.own);
  }

  async screen(): Promise<void> {
    const { own, current } = this.calls;
    if (!own || !current) return;
    if (own.tracks.screen) return own.stop('screen');
    if (await own.shareScreen()) this.app.announcer.say(m.call_your_screen({ name: current.other.name }));
    else if (own.problems.screen) this.app.tell(m.call_screen_failed(), true);
  }

  deafen(): void {
    const { current } = this.calls;
    current?.hearNothing(!current.deaf);
  }
}
