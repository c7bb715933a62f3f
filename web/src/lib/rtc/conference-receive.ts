// What one browser receives of a conference: one connection on which only the server offers. Offers are taken one after the other; one
// that a later one has overtaken is not answered.
import type { Offered, Source, Stream } from '../api/conference-types';
import type { Ways } from '../api/signal';
import { configured, type Make } from './to-server';

export interface ReceivingEars {
  /** The answer to the offer of this number, to be carried to the server. */
  take(number: number, sdp: string): void;
  /** All that comes now, by whose and what it is. */
  streams(streams: ReadonlyMap<StreamKey, MediaStream>): void;
  state(state: RTCPeerConnectionState): void;
  broken(error: unknown): void;
}

export type StreamKey = `${string} ${Source}`;
export const streamKey = (person: string, source: Source): StreamKey => `${person} ${source}`;

export class Receiving {
  readonly connection: RTCPeerConnection;
  readonly #ready: Promise<void>;
  #newest = -1;
  #queue: Promise<void> = Promise.resolve();
  #named = new Map<StreamKey, MediaStream>();
  #closed = false;

  constructor(
    ways: Promise<Ways>,
    relayOnly: boolean,
    private readonly ears: ReceivingEars,
    make?: Make,
  ) {
    const { connection, ready } = configured(ways, relayOnly, () => this.#closed, make);
    [this.connection, this.#ready] = [connection, ready];
    connection.onconnectionstatechange = () => this.#closed || ears.state(connection.connectionState);
  }

  offer(offered: Offered): Promise<void> {
    if (offered.number <= this.#newest) return this.#queue;
    this.#newest = offered.number;
    this.#queue = this.#queue
      .then(() => this.#take(offered))
      .catch((error: unknown) => {
        if (!this.#closed) this.ears.broken(error);
      });
    return this.#queue;
  }

  close(): void {
    this.#closed = true;
    this.connection.close();
  }

  async #take({ number, sdp, streams }: Offered): Promise<void> {
    await this.#ready;
    if (this.#closed || number < this.#newest) return;
    const { connection } = this;
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription();
    if (this.#closed) return;
    this.ears.take(number, connection.localDescription?.sdp ?? '');
    this.#name(streams);
  }

  /** A line that goes on keeps its stream, so that what is seen and heard is not begun anew. */
  #name(streams: Stream[]): void {
    const lines = new Map(this.connection.getTransceivers().map(({ mid, receiver }) => [mid, receiver.track]));
    const named = new Map<StreamKey, MediaStream>();
    for (const { mid, person, source } of streams) {
      const track = lines.get(mid);
      if (!track) continue;
      const key = streamKey(person, source);
      const before = this.#named.get(key);
      named.set(key, before?.getTracks()[0] === track ? before : new MediaStream([track]));
    }
    this.#named = named;
    this.ears.streams(named);
  }
}
