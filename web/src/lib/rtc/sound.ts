// The few sounds of calls, made here and now: somebody rings, it rings at somebody's, a tone to try the loudspeaker with. Soft, and
// never more than a second at a time. A browser that plays nothing before it was touched stays silent.

interface Note {
  hertz: number;
  at: number;
  seconds: number;
}

const RINGS: Record<'incoming' | 'outgoing', { notes: Note[]; everyMs: number; volume: number }> = {
  incoming: {
    notes: [
      { hertz: 523, at: 0, seconds: 0.35 },
      { hertz: 659, at: 0.25, seconds: 0.5 },
    ],
    everyMs: 2500,
    volume: 0.12,
  },
  outgoing: { notes: [{ hertz: 440, at: 0, seconds: 0.7 }], everyMs: 3500, volume: 0.05 },
};
const TEST: Note[] = [523, 659, 784].map((hertz, i) => ({ hertz, at: i * 0.25, seconds: 0.4 }));

/** Rings until what is returned is called. */
export function ring(how: 'incoming' | 'outgoing'): () => void {
  const { notes, everyMs, volume } = RINGS[how];
  const context = new AudioContext();
  const once = () => context.state === 'running' && play(context, context.destination, notes, volume);
  context.onstatechange = once;
  once();
  const timer = setInterval(once, everyMs);
  return () => {
    clearInterval(timer);
    context.onstatechange = null;
    void context.close();
  };
}

/** A short tune out of one loudspeaker; "" is the usual one. */
export async function tryLoudspeaker(id: string): Promise<void> {
  const context = new AudioContext();
  const into = context.createMediaStreamDestination();
  const audio = new Audio();
  audio.srcObject = into.stream;
  try {
    await context.resume();
    await useLoudspeaker(audio, id);
    await audio.play();
    play(context, into, TEST, 0.25);
    await new Promise((resolve) => setTimeout(resolve, 1300));
  } finally {
    audio.srcObject = null;
    await context.close();
  }
}

/** Where a browser lets a page choose; else its own setting counts. */
export async function useLoudspeaker(audio: HTMLMediaElement, id: string): Promise<void> {
  if (typeof audio.setSinkId === 'function' && audio.sinkId !== id) await audio.setSinkId(id).catch(() => undefined);
}

function play(context: AudioContext, into: AudioNode, notes: Note[], volume: number): void {
  for (const { hertz, at, seconds } of notes) {
    const [from, until] = [context.currentTime + at, context.currentTime + at + seconds];
    const tone = new OscillatorNode(context, { frequency: hertz });
    const gain = new GainNode(context, { gain: 0 });
    // Neither begins nor ends with a click.
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(volume, from + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0005, until);
    tone.connect(gain).connect(into);
    tone.start(from);
    tone.stop(until);
  }
}
