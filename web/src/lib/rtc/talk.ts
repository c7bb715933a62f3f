// The media of a call between two: one connection with a voice, a camera and a screen each way, and the channel of their status.
// The three lines are there from the start, so that switching one on or off never has to be negotiated.
import type { Ways } from '../api/signal';
import type { Signal } from '../api/signal-types';
import { Peer, type PeerNature } from './peer';
import { read, write, type Status } from './status';

export type Line = 'microphone' | 'camera' | 'screen';
export type Tracks = Record<Line, MediaStreamTrack | null>;

export interface TalkEars {
  signal(signal: Signal): void;
  state(state: RTCPeerConnectionState): void;
  /** Something of the other one can be heard or seen, as far as they send it. */
  hears(line: Line, stream: MediaStream): void;
  status(status: Status): void;
  broken(): void;
}

/** In this order they stand in the description. */
const LINES: Line[] = ['microphone', 'camera', 'screen'];
/** More than this helps nobody on the other side and costs the caller's line. */
const MOST_BITS: Partial<Record<Line, number>> = { microphone: 64_000, camera: 1_800_000, screen: 2_500_000 };

export class Talk {
  readonly peer: Peer;
  /** There was a way once. */
  established = false;
  readonly #status: RTCDataChannel;

  constructor(
    ways: Ways | Promise<Ways>,
    readonly nature: PeerNature,
    private readonly own: Tracks,
    private status: Status,
    private readonly ears: TalkEars,
    make?: (configuration: RTCConfiguration) => RTCPeerConnection,
  ) {
    this.peer = new Peer(
      ways,
      nature,
      {
        signal: (signal) => ears.signal(signal),
        state: (state) => {
          this.established ||= state === 'connected';
          ears.state(state);
        },
        track: ({ transceiver, track }) => this.#take(transceiver, track),
        broken: () => ears.broken(),
      },
      make,
    );
    const { connection } = this.peer;
    this.#status = connection.createDataChannel('status', { negotiated: true, id: 0 });
    this.#status.onopen = () => this.#tell();
    this.#status.onmessage = ({ data }) => {
      const said = read(data);
      if (said) ears.status(said);
    };
    // The polite one takes over the lines of the offer that comes.
    if (nature.polite) return;
    for (const line of LINES) {
      const { sender } = connection.addTransceiver(line === 'microphone' ? 'audio' : 'video', {
        direction: 'sendrecv',
      });
      void this.#put(line, sender);
    }
  }

  /** What this one sends on a line from now on. */
  send(line: Line, track: MediaStreamTrack | null): void {
    this.own[line] = track;
    const transceiver = this.peer.connection.getTransceivers()[LINES.indexOf(line)];
    if (transceiver) void this.#put(line, transceiver.sender);
  }

  tell(status: Status): void {
    this.status = status;
    this.#tell();
  }

  close(): void {
    this.peer.close();
  }

  #tell(): void {
    if (this.#status.readyState === 'open') this.#status.send(write(this.status));
  }

  #take(transceiver: RTCRtpTransceiver, track: MediaStreamTrack): void {
    const line = LINES[this.peer.connection.getTransceivers().indexOf(transceiver)];
    // Whoever offers more lines than a call has is not answered on them.
    if (!line || track.kind !== (line === 'microphone' ? 'audio' : 'video')) return transceiver.stop();
    if (this.nature.polite) {
      transceiver.direction = 'sendrecv';
      void this.#put(line, transceiver.sender);
    }
    this.ears.hears(line, new MediaStream([track]));
  }

  async #put(line: Line, sender: RTCRtpSender): Promise<void> {
    const track = this.own[line];
    try {
      await sender.replaceTrack(track);
      const most = MOST_BITS[line];
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings ?? []) if (most) encoding.maxBitrate = most;
      if (track && parameters.encodings?.length) await sender.setParameters(parameters);
    } catch {
      // The connection has ended meanwhile, or this browser knows no limits: the call is as good without.
    }
  }
}
