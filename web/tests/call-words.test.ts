// @vitest-environment node
// Every way in which the server ends a call has words of its own.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { m } from '../src/lib/paraglide/messages';
import { endSentence } from '../src/screens/call/words';

interface Words {
  enum?: string[];
  oneOf?: { enum: string[] }[];
}
const { End } = JSON.parse(readFileSync('../signal-server/openapi.json', 'utf8')).components.schemas as { End: Words };
const ends = End.enum ?? End.oneOf?.flatMap((one) => one.enum) ?? [];
/** The call is in another window; and what is said of offers alone. */
const SILENT = ['elsewhere', 'closed'];

describe('the end of a call', () => {
  it('has a sentence whatever the server says', () => {
    expect(ends).toContain('unconfirmed');
    const bare = ends.filter((why) => !SILENT.includes(why) && endSentence(why, 'Alice') === m.code_other());
    expect(bare).toEqual([]);
  });

  it('is not said to be forbidden when the server could only not check it', () => {
    expect(endSentence('unconfirmed', 'Alice')).toContain('could not check');
  });
});
