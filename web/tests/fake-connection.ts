// A connection between browsers as far as signals go: descriptions with an origin and a number, states, lines; nothing flows.

let origins = 0;

export class FakeConnection {
  signalingState: RTCSignalingState = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: RTCIceCandidateInit | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ondatachannel: unknown = null;
  ontrack: ((event: object) => void) | null = null;
  candidates: RTCIceCandidateInit[] = [];
  restarts = 0;
  closed = false;
  /** The connection asks to be offered by itself, as browsers do when something was added. */
  #asked = false;
  readonly lines: FakeLine[] = [];
  readonly channels: { label: string; sent: string[]; readyState: string; onmessage?: (e: object) => void }[] = [];
  readonly #origin = `o=- ${++origins}`;
  #version = 0;

  constructor(public configuration: RTCConfiguration = {}) {}

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }
  getTransceivers() {
    return this.lines;
  }
  getStats = () => Promise.resolve(new Map());
  addTransceiver(of: string | { kind: string }, { direction, sendEncodings }: RTCRtpTransceiverInit) {
    const sender = new FakeSender();
    if (typeof of !== 'string') sender.track = of;
    const kind = typeof of === 'string' ? of : of.kind;
    const line: FakeLine = { sender, receiver: { track: { kind } }, direction, kind, mid: null, stop: () => undefined };
    if (sendEncodings) line.encodings = sendEncodings;
    this.lines.push(line);
    this.#need();
    return line;
  }
  createDataChannel(label: string) {
    const channel = {
      label,
      sent: [] as string[],
      readyState: 'connecting',
      send: (t: string) => channel.sent.push(t),
    };
    this.channels.push(channel);
    this.#need();
    return channel;
  }
  restartIce(): void {
    this.restarts += 1;
    this.#need();
  }
  setLocalDescription(wanted?: { type: string }): Promise<void> {
    if (wanted?.type === 'rollback') {
      this.signalingState = 'stable';
      return Promise.resolve();
    }
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    this.localDescription = { type, sdp: `v=0\r\n${this.#origin} ${++this.#version} IN IP4 0.0.0.0\r\n` };
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
    for (const [at, line] of this.lines.entries()) line.mid ??= String(at);
    return Promise.resolve();
  }
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.sdp === 'nonsense') return Promise.reject(new Error('nonsense'));
    this.remoteDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    return Promise.resolve();
  }
  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    this.candidates.push(candidate);
    return Promise.resolve();
  }
  close(): void {
    this.closed = true;
  }
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #need(): void {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      if (this.signalingState === 'stable') this.onnegotiationneeded?.();
    });
  }
}

interface FakeLine {
  sender: FakeSender;
  receiver: { track: unknown };
  direction: string | undefined;
  kind: string;
  mid: string | null;
  encodings?: RTCRtpEncodingParameters[];
  stop: () => void;
}

class FakeSender {
  track: unknown = null;
  replaceTrack(track: unknown): Promise<void> {
    this.track = track;
    return Promise.resolve();
  }
  getParameters = () => ({ encodings: [] });
  setParameters = () => Promise.resolve();
}

export const asConnection = (fake: FakeConnection) => fake as unknown as RTCPeerConnection;
