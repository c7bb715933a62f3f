// Sympa's database belongs to Sympa: whatever people do in the chat, the bridge's account only asks. With SQLite there is
// no log of statements; there the file is opened for reading only, which this story cannot see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composer, enterFromSympa, hears, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const kind = process.env.SYMPA_KIND ?? 'sqlite';
const list = 'open-talk@lists.example.org';
const story = stories();

if (kind === 'sqlite') {
  test('the bridge sends nothing but questions to Sympa', { skip: 'SQLite keeps no log of statements' });
} else {
  story('the bridge sends nothing but questions to Sympa', async ({ sympa, symposium, person }) => {
    const alice = await person('alice@example.org');
    await enterFromSympa(sympa, alice, list);
    await say(alice.page, 'A message, a look at the members, another room');
    await hears(alice.page, 'A message, a look at the members, another room');
    await alice.page.goto(symposium.room('forum@lists.example.net'));
    await composer(alice.page).waitFor();
    await sympa.logOut(alice.context);
    await told(alice.page, words.sessionEnded);

    const statements = await sympa.statements();
    assert.ok(statements.some((sql) => /session_table/.test(sql)), 'the bridge has looked at sessions');
    // A connection may set up itself; nothing else that is not a SELECT.
    const others = statements.filter((sql) => !/^\s*(WITH\b.*\bSELECT|SELECT|SET (SESSION |NAMES |sql_mode|time_zone|search_path|application_name|statement_timeout)|BEGIN|START TRANSACTION READ ONLY|COMMIT|ROLLBACK)\b/is.test(sql));
    assert.deepEqual(others, []);
  });
}
