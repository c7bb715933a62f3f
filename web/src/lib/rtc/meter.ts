// How loud a stream is, ten times a second, and whether that is somebody speaking.

const EVERY_MS = 100;
const SPEAKING = 0.015;
/** Between two words one still speaks. */
const HOLD_MS = 400;

export interface Loudness {
  /** 0 is silence, 1 as loud as it gets. */
  level: number;
  speaking: boolean;
}

/** Measures until what is returned is called. */
export function measure(stream: MediaStream, heard: (loudness: Loudness) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  void context.resume();
  const samples = new Float32Array(analyser.fftSize);
  let last = -Infinity;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
    const now = performance.now();
    if (loud > SPEAKING) last = now;
    heard({ level: levelOf(loud), speaking: now - last < HOLD_MS });
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** Ears hear by decibels: 50 below the loudest counts as silence. */
export function levelOf(loud: number): number {
  if (loud <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(loud)) / 50));
}
