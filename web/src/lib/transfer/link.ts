// The way between two browsers for one pull: made when the server says that both are there, made anew when it says so again, and given
// up when it leads nowhere any more. Both ends make the channel themselves, under the number lib/rtc/README.md gives it.
import type { Ways } from '../api/signal';
import type { LinkId, Signal } from '../api/signal-types';
import { Peer } from '../rtc/peer';
import { RtcChannel, type Channel } from './channel';

export interface Signalling {
  servers(): Promise<Ways>;
  tell(notice: { type: 'signal'; link: LinkId; signal: Signal }): boolean;
}

export interface LinkEars {
  channel(channel: Channel): void;
  /** There is no way any more, or there never was one. */
  failed(): void;
}

export interface Connected {
  polite: boolean;
  relay_only: boolean;
}

const CHANNEL = 1;
/** A way that is lost for so long is not waited for any more. */
const LOST_MS = 6000;
const OPEN_MS = 30_000;

export class Link {
  #peer: Peer | undefined;
  #channel: RTCDataChannel | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: LinkId,
    private readonly signalling: Signalling,
    private readonly ears: LinkEars,
  ) {
    // The other one may never come.
    this.#giveUpAfter(OPEN_MS);
  }

  connect({ polite, relay_only: relayOnly }: Connected): void {
    this.close();
    const peer = new Peer(
      this.signalling.servers(),
      { polite, relayOnly },
      {
        signal: (signal) => this.signalling.tell({ type: 'signal', link: this.id, signal }),
        state: (state) => this.#state(state),
        broken: () => this.#giveUpAfter(0),
      },
    );
    this.#peer = peer;
    this.#channel = peer.connection.createDataChannel('files', { negotiated: true, id: CHANNEL, ordered: true });
    this.ears.channel(new RtcChannel(this.#channel, () => peer.connection.sctp?.maxMessageSize));
    this.#giveUpAfter(OPEN_MS);
  }

  hear(signal: Signal): void {
    void this.#peer?.hear(signal);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#channel?.close();
    this.#peer?.close();
    this.#peer = this.#channel = undefined;
  }

  #state(state: RTCPeerConnectionState): void {
    if (state === 'connected') clearTimeout(this.#timer);
    else if (state === 'disconnected') this.#giveUpAfter(LOST_MS);
    else if (state === 'failed') this.#giveUpAfter(0);
  }

  #giveUpAfter(ms: number): void {
    clearTimeout(this.#timer);
    const peer = this.#peer;
    this.#timer = setTimeout(() => this.#peer === peer && this.ears.failed(), ms);
  }
}
