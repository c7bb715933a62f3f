// What one browser sends into a conference: one connection to the server, on which only the browser offers. A source has its own line
// from the moment it is first used; from then on it is switched without being negotiated.
import type { Source } from '../api/conference-types';
import type { Ways } from '../api/signal';
import { configured, type Make } from './to-server';

export interface SendingEars {
  /** To be carried to the server; which line is which is said by the names of the lines. */
  publish(sdp: string, sources: Record<string, Source>): void;
  state(state: RTCPeerConnectionState): void;
  /** What was heard makes no sense here. */
  broken(error: unknown): void;
}

/** Three sizes of the same face, the smallest first, as browsers want it: the server passes on the one that fits. */
const FACES: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_800_000 },
];
const SCREEN: RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }];

export class Sending {
  readonly connection: RTCPeerConnection;
  readonly #lines = new Map<Source, RTCRtpTransceiver>();
  readonly #ready: Promise<void>;
  #closed = false;

  constructor(
    ways: Promise<Ways>,
    relayOnly: boolean,
    private readonly ears: SendingEars,
    make?: Make,
  ) {
    const { connection, ready } = configured(ways, relayOnly, () => this.#closed, make);
    [this.connection, this.#ready] = [connection, ready];
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onconnectionstatechange = () => this.#closed || ears.state(connection.connectionState);
    // The voice has its line from the start: who only listens has a connection, too, and is heard at once when they speak.
    void this.send('microphone', null, true);
  }

  /** What is sent of a source from now on. */
  async send(source: Source, track: MediaStreamTrack | null, always = false): Promise<void> {
    const line = this.#lines.get(source);
    if (line) return line.sender.replaceTrack(track).catch(() => undefined);
    if (!track && !always) return;
    const isSound = source === 'microphone' || source === 'screen_sound';
    const encodings = source === 'camera' ? FACES : SCREEN;
    this.#lines.set(
      source,
      this.connection.addTransceiver(track ?? (isSound ? 'audio' : 'video'), {
        direction: 'sendonly',
        ...(isSound ? {} : { sendEncodings: encodings.map((encoding) => ({ ...encoding })) }),
      }),
    );
  }

  /** The server has answered the newest offer. */
  async answer(sdp: string): Promise<void> {
    if (this.#closed || this.connection.signalingState !== 'have-local-offer') return;
    try {
      await this.connection.setRemoteDescription({ type: 'answer', sdp });
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.connection.close();
  }

  // The browser asks for it again by itself when something was added while an answer was waited for.
  async #offer(): Promise<void> {
    await this.#ready;
    if (this.#closed) return;
    try {
      await this.connection.setLocalDescription();
      const named = [...this.#lines].flatMap(([source, { mid }]) => (mid === null ? [] : [[mid, source] as const]));
      const sdp = this.connection.localDescription?.sdp;
      if (sdp && !this.#closed) this.ears.publish(sdp, Object.fromEntries(named));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.ears.broken(error);
  }
}
