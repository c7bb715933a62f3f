// The ordered, reliable line between two browsers as sender and receiver need it, and how an RTCDataChannel is one.
import { MESSAGE } from './wire';

export interface Channel {
  /** The largest message it takes. */
  readonly mostBytes: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Resolves once there is room for more; rejects when the line is gone. */
  room(): Promise<void>;
  /** Resolves once everything that was sent has left this browser, or the line is gone. */
  flushed(): Promise<void>;
  /** From now on these hear what comes. */
  listen(ears: Ears): void;
  close(): void;
}

export interface Ears {
  open(): void;
  heard(data: string | ArrayBuffer): void;
  closed(): void;
}

const HIGH = 4 * 1024 * 1024;
const LOW = 1024 * 1024;

export class RtcChannel implements Channel {
  #ears: Ears | undefined;

  constructor(
    private readonly rtc: RTCDataChannel,
    private readonly most: () => number | undefined,
  ) {
    rtc.binaryType = 'arraybuffer';
    rtc.bufferedAmountLowThreshold = LOW;
  }

  get mostBytes(): number {
    return Math.min(MESSAGE, this.most() || MESSAGE);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    // A line that closes is heard of by its end, not by a failure to write.
    if (this.rtc.readyState !== 'open') return;
    if (typeof data === 'string') this.rtc.send(data);
    else this.rtc.send(data);
  }

  room(): Promise<void> {
    const { rtc } = this;
    if (rtc.readyState !== 'open') return Promise.reject(new Error('closed'));
    if (rtc.bufferedAmount < HIGH) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = () => {
        rtc.removeEventListener('bufferedamountlow', settle);
        rtc.removeEventListener('close', settle);
        if (rtc.readyState === 'open') resolve();
        else reject(new Error('closed'));
      };
      rtc.addEventListener('bufferedamountlow', settle);
      rtc.addEventListener('close', settle);
    });
  }

  flushed(): Promise<void> {
    const { rtc } = this;
    rtc.bufferedAmountLowThreshold = 0;
    return new Promise((resolve) => {
      const look = () => {
        if (rtc.readyState === 'open' && rtc.bufferedAmount > 0) return;
        rtc.removeEventListener('bufferedamountlow', look);
        rtc.removeEventListener('close', look);
        resolve();
      };
      rtc.addEventListener('bufferedamountlow', look);
      rtc.addEventListener('close', look);
      look();
    });
  }

  listen(ears: Ears): void {
    this.#ears = ears;
    const { rtc } = this;
    rtc.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => ears.heard(data);
    rtc.onclose = () => this.#ears?.closed();
    if (rtc.readyState === 'open') ears.open();
    else rtc.onopen = () => ears.open();
  }

  close(): void {
    this.#ears = undefined;
    this.rtc.onmessage = null;
    this.rtc.close();
  }
}
