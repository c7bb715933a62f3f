// How good the line of a call is, read out of the statistics of the browser (W3C WebRTC Statistics).
import type { Path } from '../api/signal-types';

export interface Figures {
  /** There and back, in milliseconds; nothing, while it has not been measured. */
  rttMs: number | null;
  /** Of a thousand packets that should have come since the last look, so many did not. */
  lostPermille: number;
  path: Path | null;
  /** The picture that comes. */
  width: number;
  height: number;
  framesPerSecond: number;
  /** What comes and goes, in kilobits per second. */
  inKbit: number;
  outKbit: number;
  codecs: string[];
}

/** What is added up since the connection began. */
export interface Sums {
  at: number;
  received: number;
  lost: number;
  bytesIn: number;
  bytesOut: number;
}

type Entry = Record<string, unknown> & { id: string; type: string };

export const NO_SUMS: Sums = { at: 0, received: 0, lost: 0, bytesIn: 0, bytesOut: 0 };

const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** `before`: the sums of the last look. */
export function figures(report: Iterable<Entry>, before: Sums, at: number): { figures: Figures; sums: Sums } {
  const entries = [...report];
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const inbound = entries.filter(({ type }) => type === 'inbound-rtp');
  const outbound = entries.filter(({ type }) => type === 'outbound-rtp');
  const sum = (among: Entry[], key: string) => among.reduce((all, entry) => all + number(entry[key]), 0);
  const sums: Sums = {
    at,
    received: sum(inbound, 'packetsReceived'),
    lost: sum(inbound, 'packetsLost'),
    bytesIn: sum(inbound, 'bytesReceived'),
    bytesOut: sum(outbound, 'bytesSent'),
  };
  const seconds = (at - before.at) / 1000;
  const kbit = (now: number, then: number) =>
    before.at > 0 && seconds > 0 ? Math.round((Math.max(0, now - then) * 8) / 1000 / seconds) : 0;
  const lost = Math.max(0, sums.lost - before.lost);
  const expected = lost + Math.max(0, sums.received - before.received);
  const picture = inbound
    .filter(({ kind }) => kind === 'video')
    .reduce<Entry | undefined>(
      (best, one) =>
        number(one.framesPerSecond) > 0 && number(one.frameWidth) >= number(best?.frameWidth) ? one : best,
      undefined,
    );
  const pair = chosenPair(entries, byId);
  const rtt = pair?.currentRoundTripTime;
  return {
    figures: {
      rttMs: typeof rtt === 'number' ? Math.round(rtt * 1000) : null,
      lostPermille: expected > 0 ? Math.round((lost * 1000) / expected) : 0,
      path: pathOf(pair, byId),
      width: number(picture?.frameWidth),
      height: number(picture?.frameHeight),
      framesPerSecond: Math.round(number(picture?.framesPerSecond)),
      inKbit: kbit(sums.bytesIn, before.bytesIn),
      outKbit: kbit(sums.bytesOut, before.bytesOut),
      codecs: codecsOf([...inbound, ...outbound], byId),
    },
    sums,
  };
}

function chosenPair(entries: Entry[], byId: Map<string, Entry>): Entry | undefined {
  const transport = entries.find(
    ({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId,
  );
  // Firefox names it on the pair itself.
  return (
    byId.get(String(transport?.selectedCandidatePairId)) ??
    entries.find(({ type, nominated, selected, state }) => {
      return type === 'candidate-pair' && (selected === true || (nominated === true && state === 'succeeded'));
    })
  );
}

function pathOf(pair: Entry | undefined, byId: Map<string, Entry>): Path | null {
  if (!pair) return null;
  const ends = [byId.get(String(pair.localCandidateId)), byId.get(String(pair.remoteCandidateId))];
  return ends.some((end) => end?.candidateType === 'relay') ? 'relayed' : 'direct';
}

function codecsOf(streams: Entry[], byId: Map<string, Entry>): string[] {
  const names = streams.flatMap(({ codecId }) => {
    const type = byId.get(String(codecId))?.mimeType;
    return typeof type === 'string' ? [type.slice(type.indexOf('/') + 1)] : [];
  });
  return [...new Set(names)].sort();
}
