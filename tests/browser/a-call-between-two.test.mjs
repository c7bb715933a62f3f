// Two members of a real list call each other through the page, by clicking: sound and picture arrive, and every way in which
// a call can go is told truthfully to both.
import assert from 'node:assert/strict';
import { answer, arrivals, call, callIs, hangUp, hearsAndSees, keepPeers, onlyHears, turnTo, until } from './support/call.mjs';
import { asks, enter, hears, isIn, say } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

const ALICE = ['alice@example.org', 'Alice Liddell'];
const BOB = ['bob@example.org', 'Bob Builder'];

/** Two people, each in the direct room with the other. */
async function two({ sympa, symposium, person }, ...pair) {
  const people = await Promise.all(pair.map(([email]) => person(email)));
  for (const somebody of people) {
    await somebody.context.addInitScript(keepPeers);
    await enter(sympa, symposium, somebody, list);
  }
  for (const [{ page }, [, name]] of [[people[0], pair[1]], [people[1], pair[0]]]) {
    await turnTo(page, name);
    await isIn(page);
  }
  return people;
}

/** Alice and Bob talk. */
async function talking(world, media) {
  const [alice, bob] = await two(world, ALICE, BOB);
  await call(alice.page, media);
  await bob.page.getByText('Alice Liddell is calling').waitFor();
  await answer(bob.page, media);
  for (const { page } of [alice, bob]) await callIs(page, 'talking');
  return { alice, bob };
}

story('two members call each other with video, hear and see each other, and hang up', async (world) => {
  const { alice, bob } = await talking(world);
  await Promise.all([hearsAndSees(alice.page, 'Alice'), hearsAndSees(bob.page, 'Bob')]);
  for (const { page } of [alice, bob]) {
    for (const who of ['me', 'them']) {
      assert.ok(await page.locator(`video[data-who="${who}"]`).first().evaluate((video) => video.videoWidth > 0), who);
    }
  }
  await hangUp(bob.page);
  for (const { page } of [alice, bob]) await page.getByText(/The call is over/).first().waitFor();
  assert.equal((await arrivals(alice.page)).live, 0, 'nothing is connected any more');
  await alice.page.getByText(/Video call with Bob Builder/).waitFor();
  await bob.page.getByText(/Video call with Alice Liddell/).waitFor();
});

story('voice alone, muted and heard again, with the camera switched on later', async (world) => {
  const { alice, bob } = await talking(world, { video: false });
  const before = await onlyHears(bob.page, 'Bob');
  assert.equal(before.frames, 0, 'no picture was sent');
  await alice.page.getByRole('button', { name: 'Microphone' }).click();
  await bob.page.getByText('muted').first().waitFor();
  const energy = (await arrivals(bob.page)).energy;
  await until(bob.page, ({ bytes }) => bytes > before.bytes, 'the line goes on');
  assert.ok((await arrivals(bob.page)).energy - energy < 0.01, 'Bob hears nothing of Alice');
  await alice.page.keyboard.press('m');
  await until(bob.page, (now) => now.energy > energy + 0.01, 'Bob hears Alice again');
  await alice.page.getByRole('button', { name: 'Camera' }).click();
  await until(bob.page, ({ frames }) => frames > 0, 'Bob sees Alice');
});

story('a screen is shown and no longer', async (world) => {
  const { alice, bob } = await talking(world, { video: false });
  await alice.page.getByRole('button', { name: 'Share screen' }).click();
  await bob.page.getByLabel('Alice Liddell’s screen').first().waitFor();
  const { frames } = await until(bob.page, (now) => now.frames > 0, 'Bob sees the screen');
  assert.ok(frames > 0);
  await alice.page.getByRole('button', { name: 'Share screen' }).click();
  await bob.page.getByLabel('Alice Liddell’s screen').first().waitFor({ state: 'detached' });
});

story('who declines is not disturbed again, and who does not answer finds the missed call', async (world) => {
  const [alice, bob] = await two(world, ALICE, BOB);
  await call(alice.page);
  await callIs(bob.page, 'ringing-in');
  // Chromium closes a dialog at the second Escape whatever the page says: it must still be there to be answered.
  for (let n = 0; n < 3; n += 1) await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('button', { name: 'Decline' }).click();
  await alice.page.getByText('Bob Builder cannot talk now. You can write.').first().waitFor();
  await alice.page.getByText('Bob Builder declined your video call').waitFor();
  // She writes instead, and calls again while he looks elsewhere.
  await say(alice.page, 'Call me when you can');
  await hears(bob.page, 'Call me when you can');
  await bob.page.getByRole('link', { name: /Open discussion/ }).click();
  await isIn(bob.page);
  await call(alice.page, { video: false });
  await bob.page.getByText('Alice Liddell is calling').waitFor();
  await hangUp(alice.page);
  await bob.page.getByText('Alice Liddell is calling').waitFor({ state: 'detached' });
  const missed = bob.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /Alice Liddell.*unread, \d for you/ });
  await missed.click();
  await bob.page.getByRole('list', { name: 'Messages' }).getByText('Missed call from Alice Liddell').first().waitFor();
});

story('it rings in every window and one answers', async (world) => {
  const [alice, bob] = await two(world, ALICE, BOB);
  const second = await bob.context.newPage();
  await second.goto(bob.page.url());
  await isIn(second);
  await call(alice.page);
  for (const page of [bob.page, second]) await page.getByText('Alice Liddell is calling').waitFor();
  await answer(second);
  await callIs(second, 'talking');
  await hearsAndSees(alice.page, 'Alice');
  await bob.page.getByText('Alice Liddell is calling').waitFor({ state: 'detached' });
  assert.equal((await arrivals(bob.page)).live, 0, 'the first window stays out of it');
});

story('who is in a call is busy, and who has no window open is absent', async (world) => {
  const { alice, bob } = await talking(world, { video: false });
  const edith = await world.person('edith@example.org');
  await enter(world.sympa, world.symposium, edith, list);
  await turnTo(edith.page, 'Bob Builder');
  await call(edith.page, { video: false });
  await edith.page.getByText('Bob Builder is in another call. Try again later, or write.').first().waitFor();
  // Who closes the window hangs up; whose browser dies is waited for.
  await bob.page.close();
  await alice.page.getByText('The call is over.').first().waitFor();
  await edith.page.getByRole('button', { name: 'Close' }).click();
  await call(edith.page, { video: false });
  await edith.page.getByText('Bob Builder is not here now. You can write; your message will be found.').first().waitFor();
});

story('no address of the other is seen before both have accepted', async (world) => {
  const [alice, bob] = await two(world, ALICE, BOB);
  const since = alice.traffic.mark();
  await call(alice.page);
  await bob.page.getByText('Alice Liddell is calling').waitFor();
  for (const { traffic } of [alice, bob]) assert.deepEqual(await traffic.find(/candidate:|"sdp"/, { kinds: ['sent', 'received'] }), []);
  await answer(bob.page);
  await hearsAndSees(bob.page, 'Bob');
  assert.notDeepEqual(await bob.traffic.find(/candidate:/, { since, kinds: ['received'] }), [], 'the search finds them');
  assert.ok(!/candidate:|a=ice-ufrag|typ host/.test(world.symposium.logs()), 'nothing of it is logged');
});

story('whoever leaves the list is out of the call, and so is the other, with the reason', async (world) => {
  const { sympa } = world;
  const [dora, zoe] = await two(world, ['dora@example.org', 'Dora Was-Suspended'], ['zoe@example.org', 'Zoë Ångström 謝']);
  await call(dora.page);
  await answer(zoe.page);
  await Promise.all([hearsAndSees(dora.page, 'Dora'), hearsAndSees(zoe.page, 'Zoë')]);
  world.test.after(() => sympa.subscribe(zoe.email, list));
  await sympa.unsubscribe(zoe.email, list);
  for (const { page } of [dora, zoe]) {
    await until(page, ({ live }) => live === 0, 'the browser has ended the call', 5000);
    await page.getByText('The call has ended: it is no longer allowed in this room.').first().waitFor();
  }
  assert.equal((await asks(zoe.page, 'api/bridge/rooms')).json.rooms.filter(({ address }) => address === list).length, 0);
});
