// What the two browsers of a call tell each other beside sound and pictures: what each sends just now. Small JSON texts on the data
// channel with the number 0; what comes is a stranger's, and only what is known is read.

export interface Status {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
  /** Hears nothing for the moment. */
  deaf: boolean;
}

export const SILENT: Status = { microphone: false, camera: false, screen: false, deaf: false };

const MOST_CHARS = 1000;

export function write(status: Status): string {
  return JSON.stringify({ type: 'status', ...status });
}

/** Nothing, when it is not a status. */
export function read(data: unknown): Status | undefined {
  if (typeof data !== 'string' || data.length > MOST_CHARS) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  const { type, microphone, camera, screen, deaf } = said as Record<string, unknown>;
  if (type !== 'status') return undefined;
  return { microphone: microphone === true, camera: camera === true, screen: screen === true, deaf: deaf === true };
}
