// What one can do with the own microphone and camera in a call of any kind, for its buttons and its keys alike, and what is said aloud.
import type { CallMedia } from '../../lib/model/call-media.svelte';
import type { Symposium } from '../../lib/model/symposium.svelte';
import { m } from '../../lib/paraglide/messages';
import { problemSentence } from './words';

export class MediaActions {
  constructor(
    protected readonly app: Symposium,
    private readonly media: () => CallMedia | null,
  ) {}

  protected get own(): CallMedia | null {
    return this.media();
  }

  async microphone(): Promise<void> {
    const { own } = this;
    if (!own) return;
    await own.mute(!own.muted && own.tracks.microphone !== null);
    const problem = own.problems.microphone;
    if (!own.muted && problem) return this.app.tell(problemSentence('microphone', problem), true);
    this.app.announcer.say(own.muted ? m.call_is_muted() : m.call_is_heard());
  }

  /** Speaks as long as it is held. */
  async hold(on: boolean): Promise<void> {
    await this.own?.mute(!on);
  }

  async camera(): Promise<void> {
    const { own } = this;
    if (!own) return;
    if (own.tracks.camera) return own.stop('camera');
    const problem = (await own.openCamera()) ? undefined : own.problems.camera;
    if (problem) this.app.tell(problemSentence('camera', problem), true);
  }

  /** Says what is used instead of a device that went away. */
  watch(own: CallMedia): void {
    own.fellBack = (line, device) => {
      const [changed, gone] =
        line === 'camera'
          ? [m.call_camera_changed, m.call_camera_gone]
          : [m.call_microphone_changed, m.call_microphone_gone];
      this.app.tell(device === null ? gone() : changed({ device }), device === null);
    };
  }
}
