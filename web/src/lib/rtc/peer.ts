// One connection to another browser: perfect negotiation (W3C WebRTC 10.7) over whatever carries signals, trickled candidates, ICE
// restarts. It knows neither calls nor files: who made it adds tracks and channels and hears what comes.
import type { Ways } from '../api/signal';
import type { Signal } from '../api/signal-types';

export interface PeerEars {
  /** To be carried to the other one. */
  signal(signal: Signal): void;
  state?(state: RTCPeerConnectionState): void;
  channel?(channel: RTCDataChannel): void;
  track?(event: RTCTrackEvent): void;
  /** What was heard makes no sense here: begin anew. */
  broken?(error: unknown): void;
}

export interface PeerNature {
  /**
   * Gives way when both offer at once, and lets the other one offer first. So what both need from the start - a negotiated channel,
   * transceivers - is made by the impolite one at least.
   */
  polite: boolean;
  relayOnly: boolean;
}

type Make = (configuration: RTCConfiguration) => RTCPeerConnection;

export class Peer {
  readonly connection: RTCPeerConnection;
  readonly #polite: boolean;
  readonly #relayOnly: boolean;
  /** Candidates of a description that has not come yet. */
  #early: RTCIceCandidateInit[] = [];
  #heard: Promise<void> = Promise.resolve();
  #making = false;
  #settingAnswer = false;
  #ignoring = false;
  #closed = false;
  #ready: Promise<void> = Promise.resolve();

  /** `ways` may still be asked for; nothing is offered or answered before. Without an answer it is tried without servers. */
  constructor(
    ways: Ways | Promise<Ways>,
    { polite, relayOnly }: PeerNature,
    private readonly ears: PeerEars,
    make: Make = (configuration) => new RTCPeerConnection(configuration),
  ) {
    this.#polite = polite;
    this.#relayOnly = relayOnly;
    this.connection = make(this.#configuration({ servers: [], relayOnly }));
    this.setServers(ways);
    this.#listen();
  }

  /** Whether there is a way to the other one now. */
  get connected(): boolean {
    return this.connection.connectionState === 'connected';
  }

  /** Whether this comes from another connection of the other one than the one talked to so far: it has begun anew. */
  isFromAnother(signal: Signal): boolean {
    const known = this.connection.remoteDescription?.sdp;
    return signal.kind === 'offer' && known !== undefined && origin(known) !== origin(signal.sdp);
  }

  /** Takes what the other one signals, in the order in which it came. */
  hear(signal: Signal): Promise<void> {
    this.#heard = this.#heard
      .then(() => (this.#closed ? undefined : this.#take(signal)))
      .catch((error: unknown) => {
        if (!this.#closed) this.ears.broken?.(error);
      });
    return this.#heard;
  }

  /** Looks for another way to the other one; what flows goes on meanwhile. */
  restart(): void {
    if (!this.#closed) this.connection.restartIce();
  }

  /** What was said last may have been lost on the way: an offer without an answer is taken back, and made again when still needed. */
  async forget(): Promise<void> {
    if (this.#closed || this.connection.signalingState !== 'have-local-offer') return;
    await this.connection
      .setLocalDescription({ type: 'rollback' })
      .catch((error: unknown) => this.ears.broken?.(error));
  }

  /** Other servers, for the next gathering of candidates: what is offered or heard from now on waits for them. None, and the old ones stay. */
  setServers(ways: Ways | Promise<Ways>): void {
    this.#ready = Promise.resolve(ways)
      .then((given) => this.#closed || this.connection.setConfiguration(this.#configuration(given)))
      .then(
        () => undefined,
        () => undefined,
      );
    this.#heard = this.#heard.then(() => this.#ready);
  }

  close(): void {
    this.#closed = true;
    this.#early = [];
    this.connection.close();
  }

  #configuration({ servers, relayOnly }: Ways): RTCConfiguration {
    const isRelayed = relayOnly || this.#relayOnly;
    return { iceServers: servers, iceTransportPolicy: isRelayed ? 'relay' : 'all', bundlePolicy: 'max-bundle' };
  }

  #listen(): void {
    const { connection } = this;
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onicecandidate = ({ candidate }) =>
      this.#say({ kind: 'candidate', candidate: candidate?.candidate ?? '', mid: candidate?.sdpMid ?? '' });
    connection.onconnectionstatechange = () => {
      if (!this.#closed) this.ears.state?.(connection.connectionState);
    };
    connection.ondatachannel = ({ channel }) => this.ears.channel?.(channel);
    connection.ontrack = (event) => this.ears.track?.(event);
  }

  async #offer(): Promise<void> {
    await this.#ready;
    // Asked again by the browser when what the other one has begun is settled.
    if (this.#closed || (this.#polite && !this.connection.remoteDescription)) return;
    try {
      this.#making = true;
      await this.connection.setLocalDescription();
      this.#sayDescription();
    } catch (error) {
      if (!this.#closed) this.ears.broken?.(error);
    } finally {
      this.#making = false;
    }
  }

  async #take(signal: Signal): Promise<void> {
    if (signal.kind === 'candidate') return this.#candidate(signal);
    const { connection } = this;
    const isReady = !this.#making && (connection.signalingState === 'stable' || this.#settingAnswer);
    this.#ignoring = !this.#polite && signal.kind === 'offer' && !isReady;
    if (this.#ignoring) return;
    // An answer to an offer that was taken back.
    if (signal.kind === 'answer' && connection.signalingState !== 'have-local-offer') return;
    this.#settingAnswer = signal.kind === 'answer';
    try {
      await connection.setRemoteDescription({ type: signal.kind, sdp: signal.sdp });
    } finally {
      this.#settingAnswer = false;
    }
    for (const candidate of this.#early.splice(0)) await this.#add(candidate);
    if (signal.kind !== 'offer') return;
    await connection.setLocalDescription();
    this.#sayDescription();
  }

  async #candidate({ candidate, mid }: Signal & { kind: 'candidate' }): Promise<void> {
    if (this.#ignoring) return;
    const init = { candidate, sdpMid: mid };
    if (this.connection.remoteDescription) await this.#add(init);
    else this.#early.push(init);
  }

  async #add(candidate: RTCIceCandidateInit): Promise<void> {
    // One way that cannot be understood leaves the others; browsers differ in whether "no more" may be said.
    await this.connection.addIceCandidate(candidate).catch(() => undefined);
  }

  #sayDescription(): void {
    const { localDescription } = this.connection;
    if (localDescription?.type === 'offer' || localDescription?.type === 'answer')
      this.#say({ kind: localDescription.type, sdp: localDescription.sdp });
  }

  #say(signal: Signal): void {
    if (!this.#closed) this.ears.signal(signal);
  }
}

/** The name and number a connection gives its descriptions (RFC 8866, 5.2); the version that follows changes with each. */
function origin(sdp: string): string {
  return /^o=(\S+ \S+)/m.exec(sdp)?.[1] ?? '';
}
