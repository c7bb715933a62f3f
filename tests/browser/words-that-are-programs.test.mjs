// Programs where words are expected, in every field and address that ends up on somebody's screen: they are shown as the
// words they are. No script runs, no dialog opens, and the page's own rules have nothing to stop.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { asks, composer, enter, hears, message, onASocket, openMembers, roomOf, sanction, say, told, tokenFor, words } from './support/room.mjs';
import { stories } from './support/story.mjs';
import { quote } from './support/sympa.mjs';

const list = 'open-talk@lists.example.org';
const story = stories();

const programs = [
  '<script>hit()</script>',
  '<img src=x onerror=hit()>',
  '<svg onload=hit()>',
  '"><iframe srcdoc="<script>parent.hit()</script>"></iframe>',
  "'-hit()-'",
  '{{constructor.constructor("hit()")()}}',
  '[a](javascript:hit())',
  '[b](JaVaScRiPt&colon;hit())',
  '![c](x" onerror="hit())',
  '<javascript:hit()>',
  '[d](data:text/html,<script>hit()</script>)',
  '`<img src=x onerror=hit()>`',
  '```\n</pre></code><script>hit()</script>\n```',
  '> <details open ontoggle=hit()>',
  'http://example.org/"onmouseover="hit()',
  '</title></textarea></style><script>hit()</script>',
];

/** Somebody whose browser notices every script that runs though it should not, and every rule that is broken. */
async function watched(person, email) {
  const somebody = await person(email);
  somebody.noticed = [];
  await somebody.context.exposeFunction('hit', () => void somebody.noticed.push('a script ran'));
  await somebody.context.exposeFunction('broken', (rule) => void somebody.noticed.push(`rule: ${rule}`));
  await somebody.context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => window.broken(`${effectiveDirective} ${blockedURI}`));
  });
  somebody.page.on('dialog', (dialog) => (somebody.noticed.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  return somebody;
}

/** What only a program would have left on the page. */
function traces(page) {
  return page.evaluate(() => {
    const odd = [...document.querySelectorAll('*')].filter(
      (element) =>
        element.matches('iframe, object, embed, base:not(head base), script:not([src]), img[src="x"], [srcdoc]') ||
        [...element.attributes].some(({ name, value }) => name.startsWith('on') || (['href', 'src', 'action'].includes(name) && /^\s*(javascript|data|vbscript):/i.test(value))),
    );
    return odd.map(({ outerHTML }) => outerHTML.slice(0, 200));
  });
}

async function unharmed({ page, noticed }) {
  assert.deepEqual(await traces(page), []);
  assert.deepEqual(noticed, []);
}

story('in messages, replies, edits and drafts', async ({ sympa, symposium, person }) => {
  const alice = await watched(person, 'alice@example.org');
  const bob = await watched(person, 'bob@example.org');
  await enter(sympa, symposium, alice, list);
  await enter(sympa, symposium, bob, list);
  for (const program of programs) await say(alice.page, program);
  await say(alice.page, 'the last of them');
  await hears(bob.page, 'the last of them', 15_000);
  const messages = bob.page.getByRole('list', { name: 'Messages' });
  for (const text of ['<script>hit()</script>', '<img src=x onerror=hit()>', '<svg onload=hit()>']) await messages.getByText(text).first().waitFor();
  // Touching what could be touched: links, the tools of each message, a quoted reply, the draft of an edit.
  for (const row of await messages.getByRole('listitem').all()) await row.hover();
  await messages.getByRole('listitem').first().focus();
  await composer(alice.page).press('ArrowUp');
  await composer(alice.page).fill(programs[1]);
  await composer(alice.page).press('Enter');
  await unharmed(bob);
  await bob.page.reload();
  await hears(bob.page, programs[0].slice(1, 7));
  await composer(bob.page).fill(programs.join('\n'));
  await unharmed(bob);
  await unharmed(alice);
});

story('in the name one gives oneself', async ({ sympa, symposium, person }) => {
  const alice = await watched(person, 'alice@example.org');
  const bob = await watched(person, 'bob@example.org');
  await enter(sympa, symposium, bob, list);
  await alice.context.addCookies([{ name: 'sympa_session', value: await sympa.session(alice.email), url: new URL(symposium.url).origin }]);
  for (const name of [programs[1], programs[0]]) {
    await alice.page.goto(`${symposium.url}settings`);
    await alice.page.getByRole('textbox', { name: 'Your name here' }).fill(name);
    await alice.page.getByRole('button', { name: 'Save name' }).click();
    await alice.page.getByText('Saved.').first().waitFor();
    await alice.page.goto(symposium.room(list));
    await composer(alice.page).waitFor();
    await say(alice.page, `Signed, ${name.length}`);
    await hears(bob.page, `Signed, ${name.length}`);
  }
  const panel = await openMembers(bob.page);
  await panel.getByText(programs[0]).first().waitFor();
  await composer(bob.page).fill('@');
  await bob.page.getByRole('option', { name: programs[0] }).click();
  await composer(bob.page).press('Enter');
  await unharmed(bob);
  await unharmed(alice);
  await asks(alice.page, 'api/bridge/profile', { method: 'PUT', body: { name: null } });
});

story('in the name and the subject that come from Sympa', async ({ sympa, symposium, person, test }) => {
  const [name, robot] = list.split('@');
  const file = `${sympa.env.LISTS}/${robot}/${name}/config`;
  const before = await readFile(file, 'utf8');
  test.after(async () => {
    await writeFile(file, before);
    await sympa.subscribe('dora@example.org', list, { name: 'Dora Was-Suspended' });
    await sympa.write("UPDATE user_table SET gecos_user = 'Dora Was-Suspended' WHERE email_user = 'dora@example.org'");
  });
  await writeFile(file, before.replace(/^subject .*$/m, `subject ${programs[1]}`));
  await sympa.write(`UPDATE user_table SET gecos_user = ${quote(programs[2])} WHERE email_user = 'dora@example.org'`);
  await sympa.subscribe('dora@example.org', list, { name: programs[2] });
  const bob = await watched(person, 'bob@example.org');
  const dora = await watched(person, 'dora@example.org');
  await enter(sympa, symposium, dora, list);
  await enter(sympa, symposium, bob, list);
  await bob.page.getByRole('heading', { name: programs[1], level: 1 }).waitFor();
  await say(dora.page, 'From somebody with an odd name');
  await hears(bob.page, 'From somebody with an odd name');
  await (await openMembers(bob.page)).getByText(programs[2]).first().waitFor();
  await bob.page.goto(symposium.url);
  await bob.page.getByRole('navigation', { name: 'Rooms' }).getByText(programs[1]).first().waitFor();
  await unharmed(bob);
  await unharmed(dora);
});

story('in the reason of a sanction and in the settings of a room', async ({ sympa, symposium, person }) => {
  const edith = await watched(person, 'edith@example.org');
  const norman = await watched(person, 'norman@example.org');
  await enter(sympa, symposium, edith, list);
  const panel = await sanction(edith.page, 'Mute', 'Frank Nomail', programs[1]);
  await panel.getByText(programs[1]).waitFor();
  await unharmed(edith);
  await panel.getByRole('button', { name: 'Lift for Frank Nomail' }).click();
  await enter(sympa, symposium, norman, list);
  const { id } = await roomOf(norman.page, list);
  for (const body of [{ mode: programs[0], roster: 'members' }, { mode: 'open', roster: programs[0] }, { mode: 'open', roster: 'members', [programs[0]]: 1 }]) {
    const { status, json } = await asks(norman.page, `api/bridge/rooms/${id}/settings`, { method: 'PUT', body });
    assert.deepEqual([status, json.code], [400, 'bad_request']);
    assert.ok(!JSON.stringify(json).includes('<script'), 'what was sent is not sent back');
  }
});

story('in reactions, and in the search for emoji and for members', async ({ sympa, symposium, person }) => {
  const alice = await watched(person, 'alice@example.org');
  const { page } = alice;
  await enter(sympa, symposium, alice, list);
  await say(page, 'Something to react to');
  await hears(page, 'Something to react to');
  const row = message(page, 'Something to react to');
  await row.focus();
  await page.keyboard.press(':');
  const search = page.getByRole('dialog', { name: 'React' }).getByRole('searchbox');
  for (const program of programs.slice(0, 5)) {
    await search.fill(program);
    await page.getByText('No emoji of this name.').waitFor();
  }
  await unharmed(alice);
  await page.keyboard.press('Escape');
  await composer(page).fill(`:${programs[1]}`);
  await composer(page).fill(`@${programs[1]}`);
  await composer(page).fill('');

  // The app offers emoji only; a program of one's own asks for more.
  const { id } = await roomOf(page, list);
  const asked = programs.slice(0, 10).map((emoji) => ({ type: 'react', room: id, target: 1, emoji, on: true }));
  const [, ...answers] = await onASocket(page, [{ type: 'enter', room: id, token: await tokenFor(page, id), lines: 0 }, ...asked]);
  assert.deepEqual(answers.map(({ code }) => code), asked.map(() => 'bad_frame'));

  const edith = await watched(person, 'edith@example.org');
  await enter(sympa, symposium, edith, list);
  const panel = await openMembers(edith.page);
  for (const program of programs.slice(0, 5)) {
    await panel.getByRole('searchbox').fill(program);
    await panel.getByText(`Nobody here is called “${program}”.`).waitFor();
  }
  await unharmed(edith);
});

story('in addresses and in the fields one searches with', async ({ sympa, symposium, person }) => {
  const alice = await watched(person, 'alice@example.org');
  for (const [n, program] of programs.entries()) {
    const odd = encodeURIComponent(program);
    const paths = [`r/${odd}`, `r/${odd}@lists.example.org`, `sign-in/link#t=${odd}`, `${odd}`, `?q=${odd}#${odd}`];
    await alice.page.goto(`${symposium.url}${paths[n % paths.length]}`, { waitUntil: 'load' });
    await alice.page.getByRole('main').or(alice.page.locator('pre')).first().waitFor();
    await unharmed(alice);
  }
  await enter(sympa, symposium, alice, list);
  for (const program of programs.slice(0, 4)) {
    await alice.page.getByRole('searchbox', { name: 'Go to a room' }).fill(program);
    await alice.page.getByRole('navigation', { name: 'Rooms' }).getByText('No room matches').waitFor();
  }
  await alice.page.getByRole('searchbox', { name: 'Go to a room' }).fill('');
  await alice.page.goto(`${symposium.room(list)}/m/${encodeURIComponent(programs[0])}`);
  await alice.page.getByRole('main').first().waitFor();
  await unharmed(alice);
});

story('in the fields of signing in', async ({ symposium, person }) => {
  // An address that browsers take for one.
  const odd = "{{hit}}'-hit`1`-'@example.org";
  const nobody = await watched(person, 'nobody');
  await nobody.page.goto(symposium.url);
  await nobody.page.getByRole('button', { name: 'Sign in with e-mail address and password' }).click();
  await nobody.page.getByRole('textbox', { name: 'Your e-mail address' }).fill(odd);
  await nobody.page.getByLabel('Your Sympa password').fill(programs[0]);
  await nobody.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await told(nobody.page, words.wrongPassword);
  await unharmed(nobody);
  await nobody.page.getByRole('button', { name: 'Send me a sign-in link by e-mail' }).click();
  await nobody.page.getByRole('textbox', { name: 'Your e-mail address' }).fill(odd);
  await nobody.page.getByRole('button', { name: 'Send the link' }).click();
  await told(nobody.page, odd);
  await unharmed(nobody);
  // What the field of a browser would not let through is refused by the bridge, which does not repeat it.
  for (const program of programs) {
    for (const body of [{ email: program }, { email: 'bob@example.org', room: program }]) {
      const { status, json } = await asks(nobody.page, 'api/bridge/session/mail-link', { method: 'POST', body });
      assert.ok(status < 500, `${status}`);
      assert.ok(!JSON.stringify(json ?? '').includes('hit()'), 'what was sent is not sent back');
    }
  }
});
