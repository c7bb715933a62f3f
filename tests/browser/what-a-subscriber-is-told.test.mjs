// Everything that ever reaches the browser of a plain subscriber, through a whole session: no address of a person but the
// one they typed, nothing that gives one away, and nobody who is hidden, except by what they did in the open.
import assert from 'node:assert/strict';
import { asks, composer, hears, isIn, message, openMembers, roomOf, say } from './support/room.mjs';
import { passwordOf } from './support/sympa.mjs';
import { stories } from './support/story.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

story('a whole session tells a plain subscriber no address and nobody who is hidden', async ({ sympa, symposium, person }) => {
  const bob = await person('bob@example.org');
  const carol = await person('carol@example.org');
  const alice = await person('alice@example.org');

  // Bob signs in by typing his address, and looks at all there is.
  await bob.page.goto(symposium.room(list));
  await bob.page.getByRole('button', { name: 'Sign in with e-mail address and password' }).click();
  await bob.page.getByRole('textbox', { name: 'Your e-mail address' }).fill(bob.email);
  await bob.page.getByLabel('Your Sympa password').fill(passwordOf(bob.email));
  await bob.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await isIn(bob.page);
  const { id } = await roomOf(bob.page, list);
  await openMembers(bob.page);
  await arrive(sympa, symposium, alice);
  await hearsOf(alice, bob, 'Alice is here');
  await bob.page.getByRole('button', { name: /^Members\s*2 here/ }).waitFor();

  // Carol, hidden on this list, comes, reads and begins to write. Bob must not notice.
  await arrive(sympa, symposium, carol);
  await carol.page.getByRole('button', { name: 'Understood' }).first().click();
  await composer(carol.page).pressSequentially('I have not said');
  await hearsOf(alice, bob, 'While Carol writes');
  await hearsOf(alice, carol, 'And while she reads');
  assert.equal((await lastPresence(bob, id)).count, 2, 'somebody hidden does not count');
  for (const who of ['Carol Concealed', 'Concealed']) assert.deepEqual(await told(bob, who), [], `${who}, before she did anything in the open`);

  // All the other things that reach him: replies, reactions, edits, deletions, mentions, the past, people who come and go.
  await say(bob.page, 'What bob typed: bob@example.org');
  await hears(alice.page, 'What bob typed');
  await alice.page.reload();
  await isIn(alice.page);
  await message(alice.page, 'What bob typed').press('r');
  await hearsOf(alice, bob, 'An answer');
  await bob.page.getByRole('button', { name: 'Actions for Alice Liddell' }).click();
  await bob.page.getByRole('menuitem', { name: 'Message' }).click();
  await bob.page.getByRole('heading', { name: 'Alice Liddell', level: 1 }).waitFor();
  await say(bob.page, 'Between the two of us');
  await hears(bob.page, 'Between the two of us');
  for (const name of await openRooms(bob)) {
    await bob.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name }).first().click();
    await composer(bob.page).waitFor();
  }
  await bob.page.goto(`${symposium.url}settings`);
  await bob.page.getByRole('textbox', { name: 'Your name here' }).fill('Bob the Builder');
  await bob.page.getByRole('button', { name: 'Save name' }).click();
  await bob.page.getByText('Saved.').first().waitFor();
  for (const path of ['sanctions', 'settings']) assert.equal((await asks(bob.page, `api/bridge/rooms/${id}/${path}`)).status, 403);
  for (const path of ['api/bridge/rooms/at/announce@lists.example.org', 'api/bridge/rooms/01ARZ3NDEKTSV4RRFFQ69G5FAV/members', 'api/bridge/nothing']) {
    assert.ok((await asks(bob.page, path)).status >= 400);
  }
  await bob.page.goto(symposium.room(list));
  await isIn(bob.page);
  const hidden = { name: /Carol Concealed/, person: await personOfMyself(carol) };
  for (const who of [hidden.name, hidden.person]) assert.deepEqual(await told(bob, who), [], 'still nobody has heard of her');

  // Now she speaks in the open: her name is with what she says, and nowhere else.
  const mark = bob.traffic.mark();
  await carol.page.bringToFront();
  await composer(carol.page).press('Enter');
  await hears(bob.page, 'I have not said');
  await openMembers(bob.page);
  await hearsOf(alice, bob, 'The last word');
  const about = await told(bob, hidden.person, mark);
  assert.ok(about.length > 0);
  for (const { text } of about) assert.match(text, /"kind":"(said|message)"/, text);
  for (const { url, text } of about) assert.ok(!/"presence"|"type":"(typing|roster|renamed)"|"members"/.test(text.replace(/"presence":\{[^}]*\}/, (presence) => (presence.includes(hidden.person) ? presence : ''))), `${url} ${text}`);

  // And now all of it is searched.
  const everything = (await bob.traffic.find(/./, { kinds: ['response', 'received'] })).filter(({ url }) => url.startsWith(symposium.url) || url.startsWith(symposium.url.replace('http', 'ws')));
  assert.ok(everything.length > 20);
  const ours = (await sympa.read('SELECT name_list, robot_list FROM list_table')).map(([name, robot]) => `${name}@${robot}`);
  const addresses = everything.flatMap(({ url, text }) => [...text.matchAll(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g)].map(([address]) => ({ url, address })));
  assert.deepEqual(addresses.filter(({ address }) => !ours.includes(address) && address !== bob.email), []);
  const people = await sympa.read('SELECT email_user, gecos_user FROM user_table');
  const members = await sympa.read('SELECT user_subscriber, comment_subscriber FROM subscriber_table');
  const names = [...new Set([...people, ...members].map(([, name]) => name).filter(Boolean))].sort((a, b) => b.length - a.length);
  const answers = everything.filter(({ url }) => url.includes('/api/')).map(({ url, text }) => ({ url, text: without(text, [...names, 'What bob typed: bob@example.org', 'Bob the Builder', '"listmaster"', ...ours]) }));
  // What the story itself makes people say is no secret either.
  const said = ['Alice is here', 'While Carol writes', 'And while she reads', 'What bob typed'];
  const locals = new Set([...people, ...members].map(([email]) => email.split('@')[0]));
  for (const local of locals) {
    const word = new RegExp(`(?<![\\p{L}\\p{N}])${local.replace(/[.+]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'iu');
    assert.deepEqual(answers.filter(({ text }) => word.test(without(text, said))), [], `the word ${local}`);
  }
});

async function arrive(sympa, symposium, somebody) {
  await somebody.context.addCookies([{ name: 'sympa_session', value: await sympa.session(somebody.email), url: new URL(symposium.url).origin }]);
  await somebody.page.goto(symposium.room(list));
  await isIn(somebody.page);
}

async function hearsOf(speaker, listener, text) {
  await say(speaker.page, text);
  await hears(listener.page, text);
}

/** What reached this browser from the services and contains something. */
async function told({ traffic }, what, since = 0) {
  return (await traffic.find(what, { since, kinds: ['response', 'received'] })).filter(({ url }) => url.includes('/api/'));
}

/** The last word on who is here. */
async function lastPresence({ traffic }, room) {
  const frames = (await traffic.find('"presence"', { kinds: ['received'] })).map(({ text }) => JSON.parse(text));
  return frames.findLast((frame) => frame.room === room && frame.presence).presence;
}

async function personOfMyself({ page }) {
  return (await asks(page, 'api/bridge/session')).json.person;
}

/** The names of all rooms in the list of rooms. */
async function openRooms({ page }) {
  const { json } = await asks(page, 'api/bridge/rooms');
  return json.rooms.map(({ subject, with: other }) => subject ?? other.name);
}

function without(text, phrases) {
  return phrases.reduce((rest, phrase) => rest.replaceAll(phrase, '*'), text);
}
