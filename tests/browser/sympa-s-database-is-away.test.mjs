// Sympa's database goes away for a minute and comes back: nobody is signed out, no draft is lost, the administrator sees
// it, and nobody has to do anything.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { composer, enter, hears, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();
const MINUTE = 60_000;

story('a minute without it costs nobody anything', async ({ sympa, symposium, person, test }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  const edith = await person('edith@example.org');
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  // Somebody whose session at Sympa is there, and who has not come in yet.
  await edith.context.addCookies([{ name: 'sympa_session', value: await sympa.session(edith.email), url: new URL(symposium.url).origin }]);
  await composer(alice.page).fill('A draft that must not get lost');
  assert.equal((await symposium.health()).colour, 'green');

  test.after(() => sympa.startDatabase());
  await sympa.stopDatabase();
  const gone = Date.now();
  await untilHealth(symposium, 'amber', 15_000);
  await say(bob.page, 'Said while the database is away');
  await hears(alice.page, 'Said while the database is away');
  await edith.page.goto(symposium.room(list));
  await edith.page.getByRole('alert').getByText(words.sympaAway).waitFor({ timeout: 30_000 });
  await edith.page.getByRole('button', { name: 'Try again' }).waitFor();

  // All the minute long: amber, which serves those who are in, and nobody is told to go.
  while (Date.now() - gone < MINUTE) {
    const { status, colour, parts } = await symposium.health();
    assert.deepEqual([status, colour], [200, 'amber'], JSON.stringify(parts));
    for (const { page } of [alice, bob]) assert.equal(await page.getByText(words.sessionEnded).count(), 0);
    await pause(1000);
  }
  await say(bob.page, 'A minute later');
  await hears(alice.page, 'A minute later');

  await sympa.startDatabase();
  await untilHealth(symposium, 'green', 15_000);
  assert.equal(await composer(alice.page).inputValue(), 'A draft that must not get lost');
  await composer(alice.page).press('Enter');
  await hears(bob.page, 'A draft that must not get lost');
  // The sign-in page has gone on asking: nobody touches it.
  await hears(edith.page, 'A minute later', 45_000);
  await alice.page.goto(symposium.room('team-private@lists.example.org'));
  await composer(alice.page).waitFor();
  assert.equal(await alice.page.getByText(words.sessionEnded).count(), 0);
});

story('tokens that have to be renewed meanwhile are waited for, and so is the list of rooms', async ({ sympa, symposium, person, test }) => {
  const alice = await person('alice@example.org');
  const bob = await person('bob@example.org');
  // Her tab believes that time goes as the story says.
  await alice.page.clock.install();
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  await composer(alice.page).fill('Half a thought');
  await composer(bob.page).fill('And another half');

  test.after(() => sympa.startDatabase());
  await sympa.stopDatabase();
  await untilHealth(symposium, 'amber', 15_000);
  const mark = alice.traffic.mark();
  const asked = alice.page.waitForResponse((response) => response.url().endsWith('/api/bridge/tokens'), { timeout: 30_000 });
  await alice.page.clock.fastForward(200_000);
  const answer = await asked;
  assert.deepEqual([answer.status(), (await answer.json()).code], [503, 'sympa_unavailable']);
  // Bob opens his tab anew: he is known, and told why his rooms are not here yet.
  await bob.page.reload();
  await bob.page.getByText(words.sympaAway).first().waitFor({ timeout: 30_000 });
  // For the token she has got, Alice is in as before.
  await say(alice.page, 'Said with the old token');
  await hears(alice.page, 'Said with the old token');
  for (const { page } of [alice, bob]) {
    assert.equal(await page.getByText(words.sessionEnded).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Sign in' }).count(), 0);
  }
  await composer(alice.page).fill('Half a thought');

  const given = alice.page.waitForResponse((response) => response.url().endsWith('/api/bridge/tokens') && response.ok(), { timeout: 30_000 });
  await sympa.startDatabase();
  await untilHealth(symposium, 'green', 15_000);
  await given;
  assert.deepEqual(await alice.traffic.find('"type":"removed"', { since: mark, kinds: ['received'] }), []);
  assert.equal(await composer(alice.page).inputValue(), 'Half a thought');
  await composer(alice.page).press('Enter');
  // Nobody touches Bob's tab either.
  await hears(bob.page, 'Half a thought', 45_000);
  assert.equal(await composer(bob.page).inputValue(), 'And another half');
});

story('what happened at Sympa right afterwards counts as ever', async ({ sympa, symposium, person, test }) => {
  const alice = await person('alice@example.org');
  await enter(sympa, symposium, alice, list);
  test.after(() => sympa.subscribe(alice.email, list));
  await sympa.unsubscribe(alice.email, list);
  await told(alice.page, words.noLongerOnList, 5000);
});

/** Waits until the bridge is of a colour. */
async function untilHealth(symposium, colour, timeout) {
  const deadline = Date.now() + timeout;
  let last;
  do last = await symposium.health();
  while (last.colour !== colour && Date.now() < deadline && (await pause(200, true)));
  assert.equal(last.colour, colour, JSON.stringify(last.parts));
}
