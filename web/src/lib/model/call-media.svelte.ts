// What this person sends in a call: microphone, camera and screen, from which devices, and what to do when one is refused, in use or
// unplugged. The browser's devices are passed in.
import type { Line, Tracks } from '../rtc/talk';
import type { CallChoices, Chosen } from './settings.svelte';

/** `system`: the system keeps it from the browser. `insecure`: browsers lend nothing to a page that came without https. */
export type DeviceProblem = 'denied' | 'system' | 'in_use' | 'none' | 'insecure' | 'failed';
export type Kind = 'microphone' | 'camera' | 'speaker';

export interface Memory {
  readonly calls: CallChoices;
  change(part: { calls: CallChoices }): void;
}

const KINDS: Record<MediaDeviceKind, Kind> = { audioinput: 'microphone', videoinput: 'camera', audiooutput: 'speaker' };

const INSECURE = 'InsecureContext';

export class CallMedia {
  tracks = $state.raw<Tracks>({ microphone: null, camera: null, screen: null });
  /** What is heard of what the screen shows; it begins and ends with the screen. */
  screenSound: MediaStreamTrack | null = null;
  /** Nobody hears this person; the microphone stays open, so that the next word is not lost. */
  muted = $state(false);
  problems = $state.raw<Partial<Record<Line, DeviceProblem>>>({});
  devices = $state.raw<Record<Kind, Chosen[]>>({ microphone: [], camera: [], speaker: [] });
  /** Waiting for the browser's own question about a device. */
  asking = $state(false);
  /** Hears of a track that begins or ends. */
  changed: (line: Line) => void = () => undefined;
  /** Hears that a device went away: what is used instead, or nothing. */
  fellBack: (line: Line, to: string | null) => void = () => undefined;
  #closed = false;
  #heard = false;
  readonly #refresh = () => void this.refresh();

  constructor(
    private readonly api: MediaDevices | undefined,
    private readonly memory: Memory,
  ) {
    api?.addEventListener('devicechange', this.#refresh);
  }

  get canShareScreen(): boolean {
    return typeof this.api?.getDisplayMedia === 'function';
  }

  /** The id of the device of a kind that is used, or would be. */
  chosen(kind: Kind): string {
    const used = kind === 'speaker' ? undefined : this.tracks[kind]?.getSettings().deviceId;
    return used ?? this.#remembered(kind)?.id ?? '';
  }

  /** Opens the microphone; answers whether there is one. */
  openMicrophone(): Promise<boolean> {
    return this.#open('microphone');
  }

  openCamera(): Promise<boolean> {
    return this.#open('camera');
  }

  async mute(muted: boolean): Promise<void> {
    this.muted = muted;
    if (!muted && !this.tracks.microphone) await this.#open('microphone');
    this.#silence(this.tracks.microphone);
    this.changed('microphone');
  }

  /** Before the call: whether it begins muted. Until then the loudness is shown all the same. */
  startMuted(muted: boolean): void {
    this.muted = muted;
  }

  /** From now on somebody may hear what the microphone takes. */
  begin(): void {
    this.#heard = true;
    this.#silence(this.tracks.microphone);
  }

  /** The light of a camera is on only while it is used. */
  stop(line: Line): void {
    const track = this.tracks[line];
    if (!track) return;
    track.onended = null;
    track.stop();
    if (line === 'screen') {
      this.screenSound?.stop();
      this.screenSound = null;
    }
    this.#set(line, null);
  }

  /** `sound`: also what is heard of it, where the browser can. */
  async shareScreen(sound = false): Promise<boolean> {
    if (!this.api || !this.canShareScreen) return false;
    try {
      const stream = await this.api.getDisplayMedia({ video: { frameRate: 15 }, audio: sound });
      const [track] = stream.getVideoTracks();
      if (this.#closed) for (const one of stream.getTracks()) one.stop();
      if (!track || this.#closed) return false;
      this.screenSound = stream.getAudioTracks()[0] ?? null;
      track.contentHint = 'detail';
      // The browser's own "Stop sharing".
      track.onended = () => this.stop('screen');
      this.#set('screen', track);
      return true;
    } catch (error) {
      const problem = problemOf(error);
      // To change one's mind in the browser's own dialog is no failure.
      if (problem !== 'denied') this.problems = { ...this.problems, screen: problem };
      return false;
    }
  }

  async choose(kind: Kind, id: string): Promise<void> {
    const device = this.devices[kind].find((one) => one.id === id);
    this.memory.change({ calls: { ...this.memory.calls, [kind]: device ?? null } });
    if (kind === 'speaker' || (!this.tracks[kind] && !this.problems[kind])) return;
    await this.#open(kind);
  }

  async refresh(): Promise<void> {
    const all = (await this.api?.enumerateDevices?.().catch(() => [])) ?? [];
    const found: Record<Kind, Chosen[]> = { microphone: [], camera: [], speaker: [] };
    // Without permission there are devices without names; they cannot be chosen between.
    for (const { kind, deviceId, label } of all)
      if (deviceId && label) found[KINDS[kind]].push({ id: deviceId, label });
    this.devices = found;
  }

  close(): void {
    this.#closed = true;
    this.api?.removeEventListener('devicechange', this.#refresh);
    for (const line of ['microphone', 'camera', 'screen'] as const) this.stop(line);
  }

  /** A remembered device, as it is named now. */
  #remembered(kind: Kind): Chosen | undefined {
    const kept = this.memory.calls[kind];
    if (!kept) return undefined;
    const among = this.devices[kind];
    return among.find(({ id }) => id === kept.id) ?? among.find(({ label }) => label === kept.label);
  }

  async #open(line: 'microphone' | 'camera'): Promise<boolean> {
    await this.refresh();
    // Nobody is asked about a device for a call that is over.
    if (this.#closed) return false;
    const wanted = this.#remembered(line)?.id;
    const device = wanted ? { deviceId: { ideal: wanted } } : {};
    this.asking = true;
    try {
      const track = await this.#take(
        line,
        line === 'microphone'
          ? { audio: { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true } }
          : { video: { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } },
      );
      // The call was over before the browser's question was answered.
      if (this.#closed) track?.stop();
      if (!track || this.#closed) return false;
      this.stop(line);
      track.onended = () => void this.#lost(line);
      if (line === 'microphone') this.#silence(track);
      this.problems = { ...this.problems, [line]: undefined };
      this.#set(line, track);
      return true;
    } catch (error) {
      this.problems = { ...this.problems, [line]: problemOf(error) };
      return false;
    } finally {
      this.asking = false;
      await this.refresh();
    }
  }

  async #take(line: 'microphone' | 'camera', wish: MediaStreamConstraints): Promise<MediaStreamTrack | undefined> {
    const { api } = this;
    if (!api?.getUserMedia)
      throw new DOMException('', globalThis.isSecureContext === false ? INSECURE : 'NotFoundError');
    try {
      return (await api.getUserMedia(wish)).getTracks()[0];
    } catch (error) {
      // Phones open one camera at a time: the other one only after this one was let go.
      if (problemOf(error) !== 'in_use' || !this.tracks[line]) throw error;
      this.stop(line);
      return (await api.getUserMedia(wish)).getTracks()[0];
    }
  }

  /** Unplugged, or taken back by the person: another one is used where there is one. */
  async #lost(line: 'microphone' | 'camera'): Promise<void> {
    this.#set(line, null);
    const found = await this.#open(line);
    this.fellBack(line, found ? (this.tracks[line]?.label ?? '') : null);
  }

  #silence(microphone: MediaStreamTrack | null): void {
    if (microphone) microphone.enabled = !(this.muted && this.#heard);
  }

  #set(line: Line, track: MediaStreamTrack | null): void {
    this.tracks = { ...this.tracks, [line]: track };
    this.changed(line);
  }
}

export function problemOf(error: unknown): DeviceProblem {
  const { name, message } = error instanceof Error || error instanceof DOMException ? error : { name: '', message: '' };
  // Chromium says so; in other browsers it looks like the person's own no.
  if (name === 'NotAllowedError' && /by system/i.test(message)) return 'system';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === INSECURE) return 'insecure';
  if (name === 'NotReadableError' || name === 'AbortError') return 'in_use';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  return 'failed';
}
