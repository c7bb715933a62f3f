// Sympa's database goes away and comes back: nobody is signed out, nothing is lost, nobody has to do anything.
import assert from 'node:assert/strict';
import { composer, enterFromSympa, hears, say, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('those who are in go on talking while the database is away', async ({ sympa, symposium, person, test }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  await enterFromSympa(sympa, alice, list);
  await enterFromSympa(sympa, bob, list);
  test.after(() => sympa.startDatabase());
  await sympa.stopDatabase();
  await say(alice.page, 'Said while the database is away');
  await hears(bob.page, 'Said while the database is away');

  await sympa.startDatabase();
  const edith = await person('edith@example.org');
  await enterFromSympa(sympa, edith, list);
  await hears(edith.page, 'Said while the database is away');
  await alice.page.goto(symposium.room('team-private@lists.example.org'));
  await composer(alice.page).waitFor();
  assert.equal(await alice.page.getByText(words.sessionEnded).count(), 0);
});
