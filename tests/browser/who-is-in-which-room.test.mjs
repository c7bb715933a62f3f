// Who has which rooms, as what, and may do what there: people and lists of every kind that Sympa knows.
import assert from 'node:assert/strict';
import { ask } from './support/http.mjs';
import { composer, enter, hears, message, openMembers, say, told, words } from './support/room.mjs';
import { stories } from './support/story.mjs';

const story = stories({ change: (config) => (config.bridge.limits = { exchange_address: { times: 1000, per_s: 600 } }) });
const [talk, team, announce] = ['open-talk', 'team-private', 'announce'].map((name) => `${name}@lists.example.org`);
const [talk2, forum] = ['open-talk', 'forum'].map((name) => `${name}@lists.example.net`);

/** Asks the bridge as somebody whom Sympa has signed in, also those who have no password there. */
async function visitor(sympa, symposium, email) {
  const Cookie = `sympa_session=${await sympa.writeSession({ email })}`;
  const { headers, status } = await ask(`${symposium.url}api/bridge/session/sympa`, { method: 'POST', body: {}, headers: { Cookie } });
  assert.equal(status, 200, email);
  const session = { Cookie: headers['set-cookie'][0].split(';')[0] };
  return async (path) => (await ask(`${symposium.url}api/bridge/${path}`, { headers: session })).json;
}

const member = 'read post call present send_files';
const editor = 'read post mention_all call present send_files moderate';
const owner = 'read post mention_all call present send_files manage';
const ownerWithoutEditors = 'read post mention_all call present send_files moderate manage';

/** Who has which rooms, as what, and what they may do there; nobody has any other. */
const expected = {
  'alice@example.org': {
    [announce]: ['subscriber', 'read call'],
    [forum]: ['subscriber editor', editor],
    [talk]: ['subscriber', member],
    [team]: ['subscriber', member],
  },
  'bob@example.org': { [talk2]: ['subscriber', member], [talk]: ['subscriber', member], [team]: ['subscriber', member] },
  'carol@example.org': { [announce]: ['subscriber owner', owner], [talk]: ['subscriber', member] },
  'edith@example.org': { [announce]: ['subscriber editor', editor], [talk]: ['editor', editor] },
  'olive@example.org': {
    [announce]: ['privileged_owner', owner],
    [talk]: ['privileged_owner', owner],
    [team]: ['subscriber privileged_owner', ownerWithoutEditors],
  },
  'norman@example.org': { [talk]: ['owner', owner] },
  'nils@example.net': { [forum]: ['privileged_owner', owner], [talk2]: ['subscriber privileged_owner', ownerWithoutEditors] },
  'erin@example.net': { [forum]: ['subscriber', member], [talk2]: ['subscriber', member] },
  // Suspended, no mail, digest, refused a password, stored in other letters, without an account: on the list is on the list.
  ...Object.fromEntries(['dave', 'dora', 'frank', 'heidi', 'locked', 'mixed.case', 'zoe'].map((name) => [`${name}@example.org`, { [talk]: ['subscriber', member] }])),
  // By a data source.
  'ivy@example.org': { [team]: ['subscriber', member] },
  // On no list; listmasters have the rooms of their own lists only.
  'mallory@example.org': {},
  'listmaster@example.org': {},
  'robotmaster@example.net': {},
};

story('everybody has the rooms of their lists, as what Sympa says they are there', async ({ sympa, symposium }) => {
  for (const [email, theirs] of Object.entries(expected)) {
    const { rooms } = await (await visitor(sympa, symposium, email))('rooms');
    const found = Object.fromEntries(rooms.map(({ address, roles, grants }) => [address, [roles.join(' '), grants.join(' ')]]));
    assert.deepEqual(found, theirs, email);
    assert.deepEqual(Object.keys(found).sort(), await sympa.listsOf(email), email);
    for (const { address, mode } of rooms) assert.equal(mode, address === announce ? 'announce' : 'open', address);
  }
});

story('a room that is not theirs, or of a list that is closed or not open yet, is not to be had by its address', async ({ sympa, symposium }) => {
  const [closed, pending] = ['old-stuff@lists.example.org', 'not-yet@lists.example.org'];
  const answers = async (email, lists) => {
    const asks = await visitor(sympa, symposium, email);
    return Promise.all(lists.map(async (list) => (({ code, roles }) => code ?? roles.join(' '))(await asks(`rooms/at/${list}`))));
  };
  // Both were on the list that is closed.
  for (const email of ['alice@example.org', 'bob@example.org', 'mallory@example.org']) {
    assert.deepEqual(await answers(email, [closed, pending, 'nowhere@lists.example.org']), ['no_such_room', 'no_such_room', 'no_such_room'], email);
  }
  assert.deepEqual(await answers('alice@example.org', [talk, talk2]), ['subscriber', 'no_such_room']);
  assert.deepEqual(await answers('erin@example.net', [talk, talk2]), ['no_such_room', 'subscriber']);
  // A listmaster is told what is the matter, and enters what is open on the robots that are theirs.
  assert.deepEqual(await answers('listmaster@example.org', [talk, talk2, team, closed, pending]), ['listmaster', 'listmaster', 'listmaster', 'room_closed', 'room_closed']);
  assert.deepEqual(await answers('robotmaster@example.net', [talk, talk2, forum]), ['no_such_room', 'listmaster', 'listmaster']);
});

/** The names on a roster as somebody sees it. */
async function roster(sympa, symposium, email, list) {
  const asks = await visitor(sympa, symposium, email);
  const { id } = await asks(`rooms/at/${list}`);
  const { members, complete } = await asks(`rooms/${id}/members`);
  return { names: members.map(({ name }) => name), members, complete };
}

story('whom one sees on the list of members is as Sympa has it', async ({ sympa, symposium }) => {
  const everybody = ['Alice Liddell', 'Bob Builder', 'Dave Suspended', 'Dora Was-Suspended', 'Edith Editor', 'Frank Nomail', 'Heidi Sso', 'Locked Out', 'Norman Normal-Owner', 'Owner of open-talk', 'Zoë Ångström 謝'];
  const seen = await roster(sympa, symposium, 'bob@example.org', talk);
  // Who has no account has no name either; nothing of the address stands in for it.
  const unnamed = seen.names.filter((name) => /^Member [0-9A-Z]{4}$/.test(name));
  assert.equal(unnamed.length, 1);
  assert.deepEqual(seen.names.filter((name) => !unnamed.includes(name)).sort(), everybody.sort());
  // Hidden members: owners, editors and they themselves see them.
  for (const email of ['olive@example.org', 'norman@example.org', 'edith@example.org', 'carol@example.org']) {
    const { members } = await roster(sympa, symposium, email, talk);
    assert.deepEqual(members.filter(({ concealed }) => concealed).map(({ name }) => name), ['Carol Concealed'], email);
  }
  assert.ok((await roster(sympa, symposium, 'bob@example.org', team)).names.includes('Ivy Included'));

  // Where Sympa shows the members to owners only, the others see who runs the list, and themselves.
  const few = await roster(sympa, symposium, 'alice@example.org', announce);
  assert.deepEqual([few.complete, few.names.sort()], [false, ['Alice Liddell', 'Edith Editor', 'Owner of announce']]);
  const all = await roster(sympa, symposium, 'edith@example.org', announce);
  assert.deepEqual([all.complete, all.names.sort()], [true, ['Alice Liddell', 'Carol Concealed', 'Edith Editor', 'Owner of announce']]);
});

story('where only editors post, a subscriber reads, and is told so', async ({ sympa, symposium, person }) => {
  const alice = await person('alice@example.org');
  const edith = await person('edith@example.org');
  await alice.context.addCookies([{ name: 'sympa_session', value: await sympa.session(alice.email), url: new URL(symposium.url).origin }]);
  await alice.page.goto(symposium.room(announce));
  await told(alice.page, words.onlyEditors);
  assert.equal(await composer(alice.page).count(), 0);
  await enter(sympa, symposium, edith, announce);
  await told(edith.page, words.youMayPost);
  await say(edith.page, 'An announcement');
  await hears(alice.page, 'An announcement');
});

story('a listmaster enters by the address, and is seen', async ({ sympa, symposium, person }) => {
  const listmaster = await person('listmaster@example.org');
  const bob = await person('bob@example.org');
  await enter(sympa, symposium, bob, team);
  await enter(sympa, symposium, listmaster, team);
  await say(listmaster.page, 'I am only looking around');
  await hears(bob.page, 'I am only looking around');
  await message(bob.page, /^List Master/).first().waitFor();
  const panel = await openMembers(bob.page);
  await panel.getByRole('listitem').filter({ hasText: 'List Master' }).filter({ hasText: 'here now' }).waitFor();
});
