// What one can do in a call, for its buttons and its keys alike, and what is said about it aloud.
import type { Symposium } from '../../lib/model/symposium.svelte';
import type { Calls } from '../../lib/model/calls.svelte';
import { m } from '../../lib/paraglide/messages';
import { problemSentence } from './words';

export class CallActions {
  constructor(
    private readonly app: Symposium,
    private readonly calls: Calls,
  ) {}

  async microphone(): Promise<void> {
    const { own } = this.calls;
    if (!own) return;
    await own.mute(!own.muted && own.tracks.microphone !== null);
    const problem = own.problems.microphone;
    if (!own.muted && problem) return this.app.tell(problemSentence('microphone', problem), true);
    this.app.announcer.say(own.muted ? m.call_is_muted() : m.call_is_heard());
  }

  /** Speaks as long as it is held. */
  async hold(on: boolean): Promise<void> {
    await this.calls.own?.mute(!on);
  }

  async camera(): Promise<void> {
    const { own } = this.calls;
    if (!own) return;
    if (own.tracks.camera) return own.stop('camera');
    const problem = (await own.openCamera()) ? undefined : own.problems.camera;
    if (problem) this.app.tell(problemSentence('camera', problem), true);
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
