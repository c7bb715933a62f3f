// What can go wrong on the wire, as one error with a stable code; the words for people are chosen elsewhere.

/** `code` is one of PROTOCOL.md's codes, or `offline` when no answer came at all. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly retryAfterMs?: number,
    /** When it ends by itself. */
    readonly until?: number,
  ) {
    super(code);
    this.name = 'Problem';
  }

  /** True when the same request may succeed later without anybody doing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const PASSING = ['offline', 'too_many', 'unavailable', 'bridge_unavailable', 'sympa_unavailable'];

/** The same by the code alone, where no more is known. */
export function isPassing(code: string): boolean {
  return PASSING.includes(code);
}

export function codeOf(error: unknown): string {
  return error instanceof Problem ? error.code : 'unavailable';
}
