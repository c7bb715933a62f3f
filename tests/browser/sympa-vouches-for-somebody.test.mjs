// The custom action: Sympa sends somebody to a chat on another host, where its own cookie never comes.
import assert from 'node:assert/strict';
import { composer, hears, isIn, rooms, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories({
  site: (sympa) => sympa.chatApart,
  prepare: (sympa) => sympa.sendTo(sympa.chatApart),
  restore: (sympa) => sympa?.sendTo(sympa.chatBeside),
  change: (config) => (config.bridge.sign_in.cookie = false),
});

story('a ticket of Sympa signs in on another host, once', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  await sympa.logInAt(alice.page, alice.email);
  const tickets = [];
  alice.page.on('framenavigated', (frame) => frame.url().includes('#t=') && tickets.push(frame.url()));
  await alice.page.goto(sympa.actionFor(list));
  await alice.page.getByRole('button', { name: 'Continue as Alice Liddell' }).click();
  await composer(alice.page).waitFor();
  assert.equal(alice.page.url(), symposium.room(list));
  assert.deepEqual(await rooms(alice.page), await sympa.listsOf(alice.email));
  await say(alice.page, 'From another host');
  await hears(alice.page, 'From another host');

  // The ticket is used up: in another browser it opens nothing.
  assert.equal(tickets.length > 0, true);
  const thief = await person('mallory@example.org');
  await thief.page.goto(tickets[0]);
  await told(thief.page, words.badTicket);
  assert.equal(await thief.page.getByRole('button', { name: /^Continue as/ }).count(), 0);

  // No ticket in an address that a server or its log could see.
  const sent = await alice.traffic.find(/[?&]t=/, { kinds: ['request'] });
  assert.deepEqual(sent.map(({ url }) => url), []);
});

story('looking at a ticket does not use it up', async ({ sympa, person }) => {
  const bob = await person('bob@example.org');
  await sympa.logInAt(bob.page, bob.email);
  await bob.page.goto(sympa.actionFor(list));
  await bob.page.getByRole('button', { name: 'Continue as Bob Builder' }).waitFor();
  await bob.page.goto(sympa.actionFor(list));
  await bob.page.getByRole('button', { name: 'Continue as Bob Builder' }).click();
  await hears(bob.page, 'From another host');
});

story('the sign-in page of the other host leads to Sympa, and from there back into the room', async ({ sympa, symposium, person }) => {
  const zoe = await person('zoe@example.org');
  await zoe.page.goto(symposium.room(list));
  await zoe.page.getByRole('link', { name: `Sign in at ${new URL(sympa.url).host}` }).click();
  assert.ok(zoe.page.url().startsWith(sympa.url), zoe.page.url());
  await sympa.logInAt(zoe.page, zoe.email);
  await zoe.page.goto(sympa.actionFor(list));
  await zoe.page.getByRole('button', { name: 'Continue as Zoë Ångström 謝' }).click();
  await isIn(zoe.page);
  assert.equal(zoe.page.url(), symposium.room(list));
  // The cookie of the chat belongs to its own host and is not Sympa's.
  const cookies = await zoe.context.cookies();
  assert.equal(cookies.find(({ name }) => name === 'symposium_session').domain, sympa.env.HOST3);
  assert.deepEqual(cookies.filter(({ domain }) => domain === sympa.env.HOST3).map(({ name }) => name), ['symposium_session']);
});

story('a ticket that was changed is no ticket', async ({ sympa, symposium, person }) => {
  const mallory = await person('mallory@example.org');
  const claims = { v: 1, exp: Math.floor(Date.now() / 1000) + 60, nonce: '0'.repeat(32), email: 'alice@example.org', list };
  const forged = `${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${'0'.repeat(64)}`;
  await mallory.page.goto(`${symposium.url}sign-in/action#t=${forged}`);
  await told(mallory.page, words.badTicket);
  assert.equal(await mallory.page.getByRole('button', { name: /^Continue as/ }).count(), 0);
});
